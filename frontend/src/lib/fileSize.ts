const units = ['B', 'kB', 'MB', 'GB'] as const;

/** A size as people say it: 812 B, 2.1 MB, 200 MB. */
export function fileSize(bytes: number, language: string): string {
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** step;
  const digits = step > 0 && amount < 10 ? 1 : 0;
  return `${amount.toLocaleString(language, { maximumFractionDigits: digits, minimumFractionDigits: 0 })} ${units[step] ?? 'B'}`;
}

/** How much of a file is here, in the unit of the whole: 2.1 of 8 MB. Gives the part and the whole. */
export function fileShare(part: number, whole: number, language: string): [part: string, whole: string] {
  const text = fileSize(whole, language);
  const unit = text.slice(text.lastIndexOf(' ') + 1);
  const step = Math.max(0, units.findIndex((one) => one === unit));
  return [(part / 1000 ** step).toLocaleString(language, { maximumFractionDigits: step > 0 ? 1 : 0 }), text];
}

/** What a pasted picture is called: its own name says nothing. */
export function screenshotName(word: string, at: Date, type: string): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${word} ${day} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}.${type === 'image/jpeg' ? 'jpg' : 'png'}`;
}
