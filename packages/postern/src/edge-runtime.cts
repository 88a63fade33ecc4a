// What bundlers for an edge runtime find (`edge-light`) where Node.js finds the package. CommonJS, because an ES module would
// have to export every name first, and the reader would be told of a name that is missing instead.
throw new Error(
  'postern speaks TCP to PostgreSQL, which an edge runtime cannot: take out `export const runtime = "edge"`, and Node.js runs it',
)
