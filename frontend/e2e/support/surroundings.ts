/** What a run needs from outside. */
export interface Surroundings {
  /** the program to drive */
  binary: string;
  /** the browser to drive it with */
  chromium: string;
  /** where pictures and traces of failures go */
  out: string;
}

const meanings: Record<string, string> = {
  HOLDFAST_BINARY: 'the built program (go build -o … .)',
  HOLDFAST_CHROMIUM: 'the browser, such as the output of: command -v chromium',
  HOLDFAST_OUT: 'a folder for pictures and traces',
};

function read(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: ${meanings[name] ?? ''}. ./build/test.sh journeys sets it.`);
  return value;
}

/** Reads the environment; throws with the name of what is missing. */
export function surroundings(): Surroundings {
  return { binary: read('HOLDFAST_BINARY'), chromium: read('HOLDFAST_CHROMIUM'), out: read('HOLDFAST_OUT') };
}
