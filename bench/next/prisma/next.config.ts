// The benchmark's own `tsc` has checked the types.
export default { poweredByHeader: false, typescript: { ignoreBuildErrors: true } }
