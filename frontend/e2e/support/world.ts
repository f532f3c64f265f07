import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { type Browser, type BrowserContextOptions, test as base, expect, type Page } from '@playwright/test';
import { Frame } from '../pages/frame';
import { Device } from './device';

/** A desktop with the browser window that a person has open on it. */
export interface Desktop {
  device: Device;
  page: Page;
  frame: Frame;
}

/** Devices in a folder of their own, with a window each. All of it goes when the journey ends. */
export class World {
  private readonly devices: Device[] = [];
  private readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly folder: string,
  ) {}

  static async create(browser: Browser): Promise<World> {
    return new World(browser, await mkdtemp(join(tmpdir(), 'holdfast-journey-')));
  }

  /** A desktop that nobody has set up yet. */
  async fresh(name: string, variables: Record<string, string> = {}): Promise<Desktop> {
    return this.open(await this.keep(Device.desktop(name, this.folder)).start(variables));
  }

  /** A node that begins a cluster. */
  async node(): Promise<Device> {
    return this.keep(Device.node('Node', this.folder, await freeAddress())).start();
  }

  /** A desktop that belongs to the cluster of the node. The first person of a cluster is its administrator. */
  async joined(name: string, node: Device, person: string): Promise<Desktop> {
    const device = this.keep(Device.desktop(name, this.folder));
    await device.join(await node.invite(), person);
    return this.open(await device.start());
  }

  /** A desktop that is a site of its own, Ada's; prepare does what has to be there before it starts. */
  async site(name: string, pack: { starter?: boolean; sample?: boolean } = {}, prepare: (device: Device) => Promise<void> = () => Promise.resolve()): Promise<Desktop> {
    const device = await this.keep(Device.desktop(name, this.folder)).found('Ada Lovelace', pack);
    await prepare(device);
    return this.open(await device.start());
  }

  /** A node with the desktops of Ada, who administers, and Blaise. */
  async office(): Promise<{ node: Device; a: Desktop; b: Desktop }> {
    const node = await this.node();
    const a = await this.joined('A', node, 'Ada Lovelace');
    const b = await this.joined('B', node, 'Blaise Pascal');
    return { node, a, b };
  }

  /** A window on a device. Each device has its own cookies, although all have the same host. */
  async open(device: Device, options: BrowserContextOptions = {}): Promise<Desktop> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`${device.name}: ${message.text()} (${page.url()})`);
    });
    page.on('pageerror', (error) => { this.complaints.push(`${device.name}: ${error.message} (${page.url()})`); });
    await page.goto(device.address);
    return { device, page, frame: new Frame(page) };
  }

  /** What windows said that nobody should have to read: errors of scripts, styles and requests. Asking forgets them. */
  takeComplaints(): string[] {
    return this.complaints.splice(0);
  }

  async close(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
    await Promise.all(this.devices.map((device) => device.kill()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private keep(device: Device): Device {
    this.devices.push(device);
    return device;
  }
}

/** An address of this computer that nobody listens on at the moment. */
async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${String(port)}`;
}

/** A journey with its world. It fails when a window complained. */
export const journey = base.extend<{ world: World }>({
  world: async ({ browser }, give) => {
    const world = await World.create(browser);
    try {
      await give(world);
      expect.soft(world.takeComplaints(), 'what windows complained about').toEqual([]);
    } finally {
      await world.close();
    }
  },
});

export { expect };
