/** One example of a rule's document: its files, and the places that are marked in it. */
export interface Example {
  readonly files: Readonly<Record<string, string>>
  /** `file:line`, in order. */
  readonly marked: readonly string[]
  /** What other rules say of the same places, as `rule file:line`: `// ✗ and input-unvalidated`. */
  readonly also: readonly string[]
}

const FENCE = /^```(\w+) (\S+)\n([\s\S]*?)^```$/gm
const MARK = /\s*(?:\/\/ |-- |)✗(?: and ([\w-]+))?\s*$/

/** The fenced examples under Bad and Good. One with a file that the last example has already begins the next. */
export function examplesIn(markdown: string): { readonly bad: readonly Example[]; readonly good: readonly Example[] } {
  const section = (name: string) =>
    new RegExp(`^## ${name}\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm').exec(markdown)?.[1] ?? ''
  return { bad: readExamples(section('Bad')), good: readExamples(section('Good')) }
}

function readExamples(text: string): Example[] {
  const examples: { files: Record<string, string>; marked: string[]; also: string[] }[] = []
  for (const [, , file = '', code = ''] of text.matchAll(FENCE)) {
    let example = examples.at(-1)
    if (example === undefined || file in example.files || !isBeside(file, example.files))
      examples.push((example = { files: {}, marked: [], also: [] }))
    const lines = code.split('\n')
    lines.forEach((line, index) => {
      const mark = MARK.exec(line)
      if (mark === null) return
      example.marked.push(`${file}:${index + 1}`)
      if (mark[1] !== undefined) example.also.push(`${mark[1]} ${file}:${index + 1}`)
    })
    example.files[file] = lines.map((line) => line.replace(MARK, '')).join('\n')
  }
  return examples
}

/** Two routes are two examples; a route and what it imports are one. */
function isBeside(file: string, files: Readonly<Record<string, string>>): boolean {
  return !ROUTE.test(file) || !Object.keys(files).some((one) => ROUTE.test(one))
}

const ROUTE = /(?:^|\/)(?:route|actions|page)\.\w+$/
