/** What is wrong with the words of the command line, in one sentence. */
export class BadOption extends Error {}
