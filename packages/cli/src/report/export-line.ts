/** The line (from 1) on which a module's source exports a name; 1 where it does so in a way that is not read here. */
export function exportLine(source: string, name: string): number {
  const code = blankComments(source)
  const declared = new RegExp(`^[ \\t]*export\\s+(?:const|let|var|(?:async\\s+)?function\\s*\\*?)\\s+${name}\\b`, 'm')
  // `export const { GET, POST } = …`, `export { handler as GET }`: the line of the name itself, between the braces.
  const listed = new RegExp(`^[ \\t]*export\\s+(?:(?:const|let|var)\\s+)?\\{[^}]*?\\b(${name})\\b\\s*(?=[,}:=])`, 'm')
  const found = declared.exec(code)
  if (found !== null) return lineAt(code, found.index + found[0].length - 1)
  const inBraces = listed.exec(code)
  return inBraces === null ? 1 : lineAt(code, inBraces.index + inBraces[0].trimEnd().length - 1)
}

/** Comments become spaces, so that places stay where they are and an example in a comment is no export. */
function blankComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '))
}

const lineAt = (text: string, offset: number) => text.slice(0, offset).split('\n').length
