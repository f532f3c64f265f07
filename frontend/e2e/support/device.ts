import { join } from 'node:path';
import { holdfast, Running } from './process';

/** The code of the site that the journeys' clusters have. */
export const siteCode = 'LYO';

/** One data folder and, while it runs, the Holdfast on it. */
export class Device {
  private process: Running | null = null;

  constructor(
    readonly name: string,
    /** of its own; removed with the world */
    readonly folder: string,
    private readonly args: string[],
  ) {}

  static desktop(name: string, parent: string): Device {
    return new Device(name, join(parent, name), ['serve', '--listen', '127.0.0.1:0', '--peers', '127.0.0.1:0']);
  }

  /** A node that begins a cluster; it listens where it did before when it is started again. */
  static node(name: string, parent: string, address: string): Device {
    return new Device(name, join(parent, name), ['node', '--listen', address, '--bootstrap', '--cluster', 'Works', '--site', siteCode]);
  }

  /** Variables are those of its environment that open an encrypted folder. */
  async start(variables: Record<string, string> = {}): Promise<this> {
    this.process = await Running.start([...this.args, '--data', this.folder], variables);
    return this;
  }

  /** Ends it without a warning; nothing to do when it does not run. */
  async kill(): Promise<void> {
    const { process } = this;
    this.process = null;
    await process?.kill();
  }

  /** The address with its token, as people open it first. */
  get address(): string {
    const { url, token } = this.ready;
    return `${url}/?token=${token}`;
  }

  private get ready() {
    if (this.process === null) throw new Error(`${this.name} does not run`);
    return this.process.ready;
  }

  /** A fresh invite for a desktop, as text. */
  async invite(): Promise<string> {
    const out = await holdfast('invite', '--data', this.folder, '--role', 'desktop', '--json');
    return (JSON.parse(out) as { text: string }).text;
  }

  /** Joins with an invite, before the device is started. */
  async join(invite: string, person: string): Promise<this> {
    await holdfast('join', '--data', this.folder, invite, '--person', person, '--device', `Desktop ${this.name}`);
    return this;
  }

  /** Starts a site of its own, before the device is started. */
  async found(person: string, pack: { starter?: boolean; sample?: boolean } = {}): Promise<this> {
    const wishes = [...(pack.starter === true ? ['--starter'] : []), ...(pack.sample === true ? ['--sample'] : [])];
    await holdfast('init', '--data', this.folder, '--site', siteCode, '--name', 'Lyon office', '--person', person, ...wishes);
    return this;
  }

  /** Imports the log of a ServiceNow, whether the device runs or not. */
  async importLog(file: string): Promise<void> {
    await holdfast('import', '--data', this.folder, '--as', 'servicenow-log', file);
  }

  /** Makes an incident of whoever works here, with all that a new one needs. */
  async incident(fields: Record<string, unknown>): Promise<{ id: string }> {
    const me = await this.call<{ person: { id: string } }>('GET', '/me');
    return this.call<{ id: string }>('POST', '/records/incident', { fields: { caller: me.person.id, channel: 'phone', ...fields } });
  }

  /** Calls the API, for what a journey needs to be there before it begins. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { url, token } = this.ready;
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} on ${this.name}: ${String(answer.status)} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
