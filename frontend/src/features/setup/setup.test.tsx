import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problem, program, show } from '@test/world';
import { FirstRun, siteCode } from './FirstRun';

const setup = { ready: false, version: '1', dataFolder: '/data' };

afterEach(() => { vi.unstubAllGlobals(); });

describe('the first run', () => {
  it('starts a site by keyboard', async () => {
    const asked = program({ 'POST /setup/site': { ...setup, ready: true }, 'POST /sync/recovery-key': { key: 'hfr-AAAA-BBBB' } });
    const ready = vi.fn();
    await show(<FirstRun setup={setup} onReady={ready} hold={() => {}} />);
    expect(screen.getByRole('button', { name: 'Start a new site' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await userEvent.type(screen.getByRole('textbox', { name: 'Site name' }), 'Lyon');
    await userEvent.type(screen.getByRole('textbox', { name: 'Site code' }), 'lyo');
    await userEvent.type(screen.getByRole('textbox', { name: 'Your name' }), 'Ana{Enter}');
    expect(await screen.findByRole('heading', { name: 'Write down the recovery key' })).toHaveFocus();
    expect(screen.getByRole('status', { name: 'Recovery key' })).toHaveTextContent('hfr-AAAA-BBBB');
    expect(ready).not.toHaveBeenCalled();
    await userEvent.tab();
    await userEvent.tab();
    await userEvent.keyboard(' ');
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => { expect(ready).toHaveBeenCalledOnce(); });
    expect(asked[0]?.body).toEqual({ name: 'Lyon', code: 'LYO', person: 'Ana', starter: true, sample: false, encrypt: false });
  });

  it('opens the site all the same where no key could be made', async () => {
    program({ 'POST /setup/site': { ...setup, ready: true }, 'POST /sync/recovery-key': () => problem(503, 'unavailable', 'Try again later.') });
    const ready = vi.fn();
    await show(<FirstRun setup={setup} onReady={ready} hold={() => {}} />);
    await userEvent.click(screen.getByRole('button', { name: 'Start a new site' }));
    for (const [name, text] of [['Site name', 'Lyon'], ['Site code', 'LYO'], ['Your name', 'Ana{Enter}']] as const) await userEvent.type(screen.getByRole('textbox', { name }), text);
    await waitFor(() => { expect(ready).toHaveBeenCalledExactlyOnceWith({ ...setup, ready: true }); });
  });

  it('names what is missing before it asks the program', async () => {
    const asked = program({});
    await show(<FirstRun setup={setup} onReady={() => {}} hold={() => {}} />);
    await userEvent.click(screen.getByRole('button', { name: 'Start a new site' }));
    await userEvent.click(screen.getByRole('button', { name: 'Start the site' }));
    expect(screen.getAllByText('Please fill this in.')).toHaveLength(2);
    expect(screen.getByText('Use 2 to 6 letters or digits, beginning with a letter.')).toBeVisible();
    expect(asked).toEqual([]);
  });

  it('says what is wrong with an invite, and keeps it', async () => {
    program({ 'POST /setup/join': () => problem(410, 'invite_expired', 'This invite expired yesterday. Ask for a new one.') });
    await show(<FirstRun setup={setup} onReady={() => {}} hold={() => {}} />);
    await userEvent.click(screen.getByRole('button', { name: 'Join with an invite' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Invite' }), 'holdfast-1');
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('This invite expired yesterday. Ask for a new one. code invite_expired');
    expect(screen.getByRole('textbox', { name: 'Invite' })).toHaveValue('holdfast-1');
  });

  it('shows the recovery code of an encrypted folder until it is written down', async () => {
    const asked = program({ 'POST /setup/join': { ...setup, ready: true, recovery: 'AAAA-BBBB' } });
    const [ready, hold] = [vi.fn(), vi.fn()];
    await show(<FirstRun setup={setup} onReady={ready} hold={hold} />);
    await userEvent.click(screen.getByRole('button', { name: 'Join with an invite' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Invite' }), 'holdfast-1');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Encrypt the data on this computer' }));
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    expect(await screen.findByRole('heading', { name: 'Write down the recovery code' })).toHaveFocus();
    expect(asked[0]?.body).toEqual({ invite: 'holdfast-1', encrypt: true });
    expect(screen.getByLabelText('Recovery code')).toHaveTextContent('AAAA-BBBB');
    expect(hold.mock.calls).toEqual([[true]]);
    expect(screen.getByRole('button', { name: 'Open Holdfast' })).toBeDisabled();
    expect(ready).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('checkbox', { name: 'I have written it down' }));
    await userEvent.click(screen.getByRole('button', { name: 'Open Holdfast' }));
    expect(ready.mock.calls).toEqual([[{ ...setup, ready: true }]]);
  });

  it('stays with the form when this computer cannot encrypt', async () => {
    program({ 'POST /setup/join': () => problem(422, 'keyring_missing', 'This computer has no keyring.') });
    const hold = vi.fn();
    await show(<FirstRun setup={setup} onReady={() => {}} hold={hold} />);
    await userEvent.click(screen.getByRole('button', { name: 'Join with an invite' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Invite' }), 'holdfast-1');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Encrypt the data on this computer' }));
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('code keyring_missing');
    expect(hold.mock.calls).toEqual([[true], [false]]);
    expect(screen.getByRole('checkbox', { name: 'Encrypt the data on this computer' })).toBeChecked();
  });

  it.each([['LYO', true], ['L2', true], ['A', false], ['2LY', false], ['LYONPARIS', false], ['lyo', false]])('takes %s as a code: %s', (code, good) => {
    expect(siteCode.test(code)).toBe(good);
  });
});
