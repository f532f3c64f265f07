/** The beginning of a text, at most so many letters as people count them: what is one picture or one accented letter is never cut in two. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)[Symbol.iterator]();
  let short = '';
  for (let n = 0; n < max; n++) {
    const next = letters.next();
    if (next.done === true) return text;
    short += next.value.segment;
  }
  return letters.next().done === true ? text : `${short.trimEnd()}…`;
}
