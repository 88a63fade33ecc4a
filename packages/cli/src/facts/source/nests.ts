/** What is told of a file that can't be followed because of how it nests. */
export const TOO_DEEP = 'nested too deeply'

/** Characters: the parser bears nearly as many brackets. */
const LEAST_DEADLY = 4_000
/** Where nobody watches, what nests deeper than people and generators do is not handed to the parser: it bears about 5,000. */
const MOST_BRACKETS = 1_000
/** Higher, because a type's arguments look like an element that nobody closes. */
const MOST_ELEMENTS = 5_000

/** Whether code nests too deeply to be parsed. Counts brackets and elements, those in texts among them: more than these does no text open either. */
export function nests(text: string): boolean {
  if (text.length <= LEAST_DEADLY) return false
  let [brackets, elements] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 40: case 91: case 123:
        brackets += 1
        if (brackets > MOST_BRACKETS) return true
        break
      case 41: case 93: case 125:
        if (brackets > 0) brackets -= 1
        break
      case 60:
        if (isName(text.charCodeAt(at + 1))) elements += 1
        else if (text.charCodeAt(at + 1) === 47 && elements > 0) elements -= 1
        if (elements > MOST_ELEMENTS) return true
        break
      case 47:
        if (text.charCodeAt(at + 1) === 62 && elements > 0) elements -= 1
    } // prettier-ignore
  }
  return false
}

/** What an element may begin with: a letter, or nothing at all. */
const isName = (unit: number) => (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 62
