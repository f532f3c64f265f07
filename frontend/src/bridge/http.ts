import type { paths } from './api.gen';
import type { Change } from './contract';

export interface FieldProblem {
  location: string;
  message: string;
  allowed?: string[];
}

/** What went wrong, as a person may read it. `code` is stable; `unreachable` means that the program did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    /** the sentence for a person; empty when the program gave none */
    readonly sentence: string,
    readonly code: string,
    /** HTTP status; 0 when there was no answer */
    readonly status: number,
    readonly problems: readonly FieldProblem[] = [],
  ) {
    super(sentence === '' ? code : sentence);
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

interface Call {
  query?: Query | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

const base = '/api/v1';

/** The paths of the program's operations, without their base; what stands in braces is filled in. */
export type Route = keyof paths extends infer P ? (P extends `${typeof base}${infer R}` ? R : never) : never;

/** A route with its parts filled in. */
export function to(route: Route, parts: Record<string, string> = {}): string {
  return route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ''));
}

/** The path below the API's base with its query; repeated parameters for lists, nothing for empty values. */
export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '' || value === false) continue;
    if (Array.isArray(value)) for (const one of value as readonly string[]) search.append(name, one);
    else search.append(name, String(value));
  }
  const text = search.toString();
  return `${base}${path}${text === '' ? '' : `?${text}`}`;
}

/** Calls the program and gives its JSON. Throws ApiError, or the signal's reason when aborted. */
export async function call<T>(method: 'GET' | 'POST' | 'PUT', path: string, options: Call = {}): Promise<T> {
  const answer = await send(method, path, options);
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Calls the program and gives its answer as text, for what is saved to a file. */
export async function callText(method: 'GET' | 'POST', path: string, options: Call = {}): Promise<string> {
  return (await send(method, path, options)).text();
}

async function send(method: string, path: string, options: Call): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  let body: BodyInit | undefined;
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  let answer: Response;
  try {
    answer = await fetch(addressOf(path, options.query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    throw new ApiError('', 'unreachable', 0);
  }
  if (answer.ok) return answer;
  throw await errorOf(answer);
}

interface ProblemBody {
  detail?: string;
  title?: string;
  code?: string;
  errors?: FieldProblem[] | null;
}

async function errorOf(answer: Response): Promise<ApiError> {
  let problem: ProblemBody = {};
  try {
    problem = JSON.parse(await answer.text()) as ProblemBody;
  } catch {
    // A body that is no JSON: the status says what there is to say.
  }
  const sentence = problem.detail ?? problem.title ?? '';
  return new ApiError(sentence, problem.code ?? `http_${String(answer.status)}`, answer.status, problem.errors ?? []);
}

/** One edit: an action name for people and its changes, atomic. */
export interface EditBody {
  action: string;
  changes: Change[];
}
