import { ApiError } from './http';

/** The native window, where there is one. Everything here does the nearest thing in a browser, or says that it cannot. */

/** What a dialog asks for: the file's first name, what such files are called, and their extensions without a dot. */
export interface FileQuestion {
  title: string;
  name: string;
  kind: string;
  extensions: string[];
}

interface WindowMethods {
  SaveFile?(question: FileQuestion): Promise<{ path: string; cancelled: boolean }>;
  SaveText?(question: FileQuestion, text: string): Promise<{ path: string; cancelled: boolean }>;
  SaveAnswers?(question: FileQuestion, addresses: string[]): Promise<{ path: string; cancelled: boolean }>;
  Notify?(title: string, body: string): Promise<void>;
  OpenLink?(address: string): Promise<void>;
  SetTheme?(theme: string): Promise<void>;
  SetTitle?(title: string): Promise<void>;
  Rendered?(title: string, path: string, text: string): Promise<void>;
}

interface WindowHost {
  runtime?: { EventsOn(name: string, listener: (...data: unknown[]) => void): () => void };
  go?: { desktop?: { Window?: WindowMethods } };
}

const host = (): WindowHost => window as unknown as WindowHost;
const methods = (): WindowMethods | undefined => host().go?.desktop?.Window;

export function inWindow(): boolean {
  return host().runtime !== undefined && methods() !== undefined;
}

export function onWindowEvent(name: string, listener: (data: unknown) => void): () => void {
  return host().runtime?.EventsOn(name, (...data) => { listener(data[0]); }) ?? (() => {});
}

/** Opens a web or mail address outside the program. */
export function openLink(address: string): void {
  const opened = methods()?.OpenLink?.(address);
  if (opened !== undefined) void opened.catch(() => undefined);
  else window.open(address, '_blank', 'noopener,noreferrer');
}

export function colourFrame(theme: string): void {
  void methods()?.SetTheme?.(theme).catch(() => undefined);
}

/** Names the window or the browser's tab. */
export function nameWindow(title: string): void {
  document.title = title;
  void methods()?.SetTitle?.(title).catch(() => undefined);
}

/** Tells the window what the first screen shows, once it is painted. */
export function reportRendered(text: string): void {
  void methods()?.Rendered?.(document.title, location.pathname, text).catch(() => undefined);
}

/** Asks where a file is to go that the program writes itself; null when the person changed their mind, or where there is no dialog. */
export async function chooseFile(question: FileQuestion): Promise<string | null> {
  const answer = await methods()?.SaveFile?.(question).catch((cause: unknown) => { throw problemOf(cause); });
  return answer === undefined || answer.cancelled ? null : answer.path;
}

/** Offers text as a file to save. Gives where it went: a path in the window, a name in a browser, null when the person changed their mind. */
export async function saveText(question: FileQuestion, text: string, type: string): Promise<string | null> {
  const asked = methods()?.SaveText?.(question, text);
  if (asked !== undefined) {
    const answer = await asked.catch((cause: unknown) => { throw problemOf(cause); });
    return answer.cancelled ? null : answer.path;
  }
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = question.name;
  link.click();
  setTimeout(() => { URL.revokeObjectURL(address); }, 10_000);
  return question.name;
}

/**
 * Saves what the program answers at the addresses, without reading it: one file under the question's name, several with .001, .002, … behind it. Gives where they
 * went, or null when the person changed their mind.
 */
export async function saveAnswers(question: FileQuestion, addresses: string[]): Promise<string | null> {
  const asked = methods()?.SaveAnswers?.(question, addresses);
  if (asked !== undefined) {
    const answer = await asked.catch((cause: unknown) => { throw problemOf(cause); });
    return answer.cancelled ? null : answer.path;
  }
  for (const [i, address] of addresses.entries()) {
    const link = document.createElement('a');
    link.href = address;
    link.download = addresses.length === 1 ? question.name : `${question.name}.${String(i + 1).padStart(3, '0')}`;
    link.click();
    // Browsers drop all but the last of several downloads that begin at once.
    if (i < addresses.length - 1) await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
  return question.name;
}

/** A refused call of the window carries its problem as JSON in its message. */
function problemOf(cause: unknown): ApiError {
  const message = cause instanceof Error ? cause.message : String(cause);
  try {
    const { code, sentence } = JSON.parse(message) as { code?: string; sentence?: string };
    return new ApiError(sentence ?? '', code ?? 'window', 0);
  } catch {
    return new ApiError('', 'window', 0);
  }
}
