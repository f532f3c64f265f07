import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { surroundings } from './surroundings';

const startMs = 30_000;
const commandMs = 120_000;
const saidMax = 4_000;

/** Where a program that runs can be reached. */
export interface Readiness {
  url: string;
  token: string;
  pid: number;
  /** for other devices */
  address?: string;
}

/** Runs a command to its end and gives what it printed; throws with what it said when it fails. */
export async function holdfast(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(surroundings().binary, args, { timeout: commandMs, maxBuffer: 64 << 20 });
  return stdout;
}

const running = new Set<ChildProcess>();
// Nothing outlives the run, however it ends.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Holdfast that runs until it is killed or asked to end. */
export class Running {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<unknown>,
    readonly ready: Readiness,
  ) {}

  /** Starts the program, with more variables in its environment, and waits until it says where it can be reached. */
  static async start(args: string[], variables: Record<string, string> = {}): Promise<Running> {
    const child = spawn(surroundings().binary, [...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } });
    running.add(child);
    const ended = once(child, 'exit').finally(() => running.delete(child));
    try {
      return new Running(child, ended, await readiness(child));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Ends it without a warning, as a power cut does. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

function readiness(child: ChildProcess): Promise<Readiness> {
  return new Promise((resolve, reject) => {
    let printed = '';
    let said = '';
    const giveUp = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`${why}: ${child.spawnargs.join(' ')}\n${said}`));
    };
    const timer = setTimeout(() => { giveUp('The program does not get ready'); }, startMs);
    child.once('error', (error) => { giveUp(error.message); });
    child.once('exit', (code) => { giveUp(`The program ended with ${String(code)} instead of getting ready`); });
    child.stderr?.on('data', (part: Buffer) => { said = (said + part.toString()).slice(-saidMax); });
    child.stdout?.on('data', (part: Buffer) => {
      printed += part.toString();
      const ready = parsed(printed);
      if (ready === null) return;
      clearTimeout(timer);
      resolve(ready);
    });
  });
}

function parsed(text: string): Readiness | null {
  try {
    return JSON.parse(text) as Readiness;
  } catch {
    // Not all of it is there yet.
    return null;
  }
}
