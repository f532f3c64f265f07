import { describe, expect, it } from 'vitest';
import type { SyncStatus } from '@/bridge/contract';
import { textsIn } from '@/lib/i18n';
import { chipLook } from './SyncChip';

const status = (part: Partial<SyncStatus>): SyncStatus => ({
  state: 'up_to_date', since: null, sentence: '', waiting: 0, decisions: 0, embedded: false, cluster: { id: '', name: '' }, device: { id: '', name: '', person: null, site: '' }, spaces: [], peers: [], clock: { suspicious: false }, ...part,
});

describe('the sync chip', () => {
  it.each<[Partial<SyncStatus>, string, string]>([
    [{}, 'quiet', 'Up to date'],
    [{ state: 'sharing' }, 'quiet', 'Sharing…'],
    [{ state: 'waiting', waiting: 3 }, 'quiet', '3 changes waiting'],
    [{ state: 'cut_off', waiting: 3 }, 'risk', 'Cut off since 14:02'],
    [{ decisions: 2 }, 'risk', '2 need your decision'],
    [{ decisions: 1, state: 'cut_off' }, 'risk', '1 needs your decision'],
  ])('with %j is %s and says "%s"', (part, tone, words) => {
    expect(chipLook(textsIn('en'), status(part), true, '14:02')).toMatchObject({ tone, words });
  });

  it('says when the program itself does not answer', () => {
    expect(chipLook(textsIn('en'), status({}), false, '')).toMatchObject({ tone: 'bad', words: 'Not answering' });
  });

  it('speaks German', () => {
    expect(chipLook(textsIn('de'), status({ state: 'waiting', waiting: 1 }), true, '').words).toBe('1 Änderung wartet');
  });
});
