/** Runs of neighbours that have the same key, in order. */
export function groupRuns<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const runs: T[][] = [];
  let last = '';
  for (const item of items) {
    const key = keyOf(item);
    const run = runs.at(-1);
    if (run !== undefined && key === last) run.push(item);
    else runs.push([item]);
    last = key;
  }
  return runs;
}
