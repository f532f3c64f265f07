import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Attachment, Upload } from '@/bridge/contract';
import { handleKey } from '@/state/shortcuts';
import { sendings } from '@/state/uploads';
import { ana, problem, program, show } from '@test/world';
import { Attachments } from './Attachments';

const attached = (part: Partial<Attachment> = {}): Attachment => ({
  item: 'f1', name: 'photo.png', media: 'image/png', size: 8_000_000, by: ana, at: '2026-03-10T11:30:00Z', device: { id: 'd1', name: "Ana's laptop" }, pending: false, state: 'here', received: 0, picture: true, ...part,
});
const path = '/records/r1/attachments';

// The tests' browser has no Blob.arrayBuffer.
if (!('arrayBuffer' in Blob.prototype)) {
  Object.defineProperty(Blob.prototype, 'arrayBuffer', {
    value(this: Blob) {
      return new Promise<ArrayBuffer>((resolve) => {
        const reader = new FileReader();
        reader.onload = () => { resolve(reader.result as ArrayBuffer); };
        reader.readAsArrayBuffer(this);
      });
    },
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  sendings.set([]);
  window.removeEventListener('keydown', handleKey);
});

/** A program that takes files in and remembers what came; fail refuses the n-th piece once. */
function taking(files: Attachment[], fail?: { piece: number; answer: () => Response }) {
  const came = Object.assign([] as number[], { sums: [] as string[] });
  let received = 0;
  let pieces = 0;
  const view = (): Upload => ({ item: 'x', name: 'x', received, attached: false });
  vi.stubGlobal('fetch', (address: string, options: RequestInit) => {
    const { pathname } = new URL(address, 'http://localhost');
    const body = typeof options.body === 'string' ? (JSON.parse(options.body) as { offset?: number; data?: string; name?: string; size?: number; sha256?: string }) : {};
    const reply = (value: unknown) => Promise.resolve(new Response(JSON.stringify(value)));
    if (pathname.endsWith('/me')) return reply({ person: ana, site: 'LYO', may: {} });
    if (pathname.endsWith('/upload')) return reply(view());
    if (pathname.endsWith('/bytes')) {
      if (fail !== undefined && ++pieces === fail.piece) return Promise.resolve(fail.answer());
      if (body.offset !== received) return Promise.resolve(problem(409, 'conflict', 'The piece is in the wrong place.'));
      const bytes = atob(body.data ?? '').length;
      came.push(bytes);
      received += bytes;
      return reply(view());
    }
    if (pathname.endsWith('/attach')) came.sums.push(body.sha256 ?? '');
    if (pathname.endsWith('/attach')) files.push(attached({ item: `f${String(files.length + 1)}`, name: body.name ?? '', size: body.size ?? 0, picture: false }));
    return reply({ attachments: files });
  });
  return came;
}

describe('the attachments of a record', () => {
  it('says of each file what it is, who attached it and where its bytes are', async () => {
    program({ [`GET ${path}`]: { attachments: [
      attached(), attached({ item: 'f2', name: 'disk.img', media: 'application/octet-stream', state: 'waiting', received: 2_100_000, picture: false }), attached({ item: 'f3', name: 'old.zip', state: 'elsewhere', picture: false }),
    ] } });
    await show(<Attachments id="r1" />);
    const rows = within(await screen.findByRole('list', { name: 'Attached files' })).getAllByRole('listitem');
    expect(rows[0]).toHaveTextContent('photo.png8 MBimage/pngby Ana Petrović');
    expect(rows[1]).toHaveTextContent("2.1 of 8 MB, waiting for Ana's laptop");
    expect(within(rows[1] as HTMLElement).getByRole('progressbar')).toHaveAttribute('aria-valuenow', '26.25');
    expect(within(rows[1] as HTMLElement).queryByRole('button')).toBeNull();
    expect(within(rows[2] as HTMLElement).getByRole('button', { name: 'Fetch old.zip now' })).toBeVisible();
  });

  it('shows a picture, and no other file, in place', async () => {
    program({ [`GET ${path}`]: { attachments: [attached(), attached({ item: 'f2', name: 'drawing.svg', media: 'image/svg+xml', picture: false })] } });
    await show(<Attachments id="r1" />);
    expect(screen.queryByRole('button', { name: 'Show drawing.svg' })).toBeNull();
    await userEvent.click(await screen.findByRole('button', { name: 'Show photo.png' }));
    const dialog = await screen.findByRole('dialog', { name: 'photo.png' });
    expect(within(dialog).getByRole('img', { name: 'photo.png' })).toHaveAttribute('src', `/api/v1${path}/f1/content`);
  });

  it('asks for a file that this device does not keep', async () => {
    const asked = program({ [`GET ${path}`]: { attachments: [attached({ state: 'elsewhere' })] }, [`POST ${path}/f1/fetch`]: { attachments: [attached({ state: 'coming' })] } });
    await show(<Attachments id="r1" />);
    await userEvent.click(await screen.findByRole('button', { name: 'Fetch photo.png now' }));
    expect(await screen.findByText(/on its way/)).toBeVisible();
    expect(asked.some((one) => one.path === `${path}/f1/fetch`)).toBe(true);
  });

  it('takes a pasted screenshot in pieces of 256 KiB', async () => {
    const came = taking([]);
    await show(<Attachments id="r1" />);
    const file = new File([new Uint8Array(600_000)], 'image.png', { type: 'image/png' });
    fireEvent.paste(window, { clipboardData: { files: [file], types: ['Files'] } });
    expect(await screen.findByText(/^Screenshot \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/)).toBeVisible();
    await screen.findByRole('list', { name: 'Attached files' });
    expect([...came]).toEqual([262_144, 262_144, 75_712]);
    // of 600,000 zeros: what the program got must be what was pasted
    expect(came.sums).toEqual(['1358f4ce65f0d1ed482d572e4eac6ea90d465c0ab878f477297474f8f23226c3']);
    expect(screen.queryByRole('list', { name: 'Being attached' })).toBeNull();
  });

  it('lets those who may remove a file for good, and asks why first', async () => {
    const removed = vi.fn((one: { body: unknown }) => one.body);
    program({ [`GET ${path}`]: { attachments: [attached()] }, 'GET /me': { person: ana, site: 'LYO', may: { 'record.redact': true } }, 'POST /records/r1/remove': removed });
    await show(<Attachments id="r1" />);
    await userEvent.click(await screen.findByRole('button', { name: 'Remove for good: photo.png' }));
    const dialog = await screen.findByRole('dialog', { name: 'Remove for good: photo.png' });
    expect(within(dialog).getByText(/cannot be undone/)).toBeVisible();
    const act = within(dialog).getByRole('button', { name: 'Remove for good' });
    expect(act).toBeDisabled();
    await userEvent.type(within(dialog).getByRole('textbox', { name: /Why/ }), 'A password was shown.');
    await userEvent.click(act);
    await waitFor(() => { expect(removed).toHaveBeenCalledOnce(); });
    expect(removed.mock.calls[0]?.[0].body).toEqual({ field: 'attachments', item: 'f1', why: 'A password was shown.' });
  });

  it('does not offer it to anybody else', async () => {
    program({ [`GET ${path}`]: { attachments: [attached()] }, 'GET /me': { person: ana, site: 'LYO', may: {} } });
    await show(<Attachments id="r1" />);
    await screen.findByRole('button', { name: 'Show photo.png' });
    expect(screen.queryByRole('button', { name: /Remove for good/ })).toBeNull();
  });

  it('leaves a text alone that is pasted where one is written', async () => {
    taking([]);
    await show(<><Attachments id="r1" /><textarea aria-label="note" /></>);
    fireEvent.paste(screen.getByRole('textbox', { name: 'note' }), { clipboardData: { files: [new File(['x'], 'image.png', { type: 'image/png' })], types: ['text/plain', 'Files'] } });
    expect(sendings.get()).toEqual([]);
  });

  it('takes what is dropped on the window', async () => {
    taking([]);
    await show(<Attachments id="r1" />);
    const data = { types: ['Files'], items: [], files: [new File(['hello'], 'log.txt')] };
    fireEvent.dragOver(window, { dataTransfer: data });
    expect(await screen.findByText('Drop to attach')).toBeVisible();
    fireEvent.drop(window, { dataTransfer: data });
    expect(within(await screen.findByRole('list', { name: 'Attached files' })).getByText('log.txt')).toBeVisible();
    expect(screen.queryByText('Drop to attach')).toBeNull();
  });

  it('keeps a file that failed, says why, and goes on from where it was', async () => {
    const came = taking([], { piece: 2, answer: () => problem(507, 'disk_full', 'The disk is nearly full. Free some space.') });
    await show(<Attachments id="r1" />);
    const picker = document.querySelector<HTMLInputElement>('input[type=file]');
    expect(picker).not.toBeNull();
    await userEvent.upload(picker as HTMLInputElement, new File([new Uint8Array(300_000)], 'log.bin'));
    expect(await screen.findByRole('alert')).toHaveTextContent('The disk is nearly full. Free some space.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again to attach log.bin' }));
    await screen.findByRole('list', { name: 'Attached files' });
    expect([...came]).toEqual([262_144, 37_856]);
  });

  it('opens the chooser with a key', async () => {
    taking([]);
    await show(<Attachments id="r1" />);
    window.addEventListener('keydown', handleKey);
    const click = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => undefined);
    await userEvent.keyboard('u');
    await waitFor(() => { expect(click).toHaveBeenCalledOnce(); });
    click.mockRestore();
  });
});
