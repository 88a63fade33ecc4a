export declare function writeTree(directory: string, files: number): void
export declare function treeOf(files: number): Record<string, string>
