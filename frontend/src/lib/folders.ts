/** Things by the folder of their path, in the order in which folders first appear; "" holds those without one. */
export function byFolder<T extends { path: string }>(files: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const file of files) {
    const folder = file.path.slice(0, Math.max(0, file.path.lastIndexOf('/')));
    found.set(folder, [...(found.get(folder) ?? []), file]);
  }
  return found;
}
