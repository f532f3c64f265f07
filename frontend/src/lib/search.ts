/** Address parameters as lists of words: a parameter that repeats has several. */
export type SearchParams = Record<string, string | string[]>;

/** Reads `?status=new&status=held&q=vpn`. */
export function parseSearch(text: string): SearchParams {
  const found: SearchParams = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name];
    if (before === undefined) found[name] = value;
    else found[name] = [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

/** Writes parameters; empty ones are left out. The result begins with "?" unless it is empty. */
export function formatSearch(params: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const many = Array.isArray(value) ? value : [value];
    for (const one of many) if ((typeof one === 'string' && one !== '') || typeof one === 'number') search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export function wordOf(value: unknown): string {
  if (Array.isArray(value)) return wordOf(value[0]);
  return typeof value === 'string' ? value : '';
}

export function wordsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === 'string' && one !== '');
  return typeof value === 'string' && value !== '' ? [value] : [];
}
