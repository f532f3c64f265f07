import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { BundleInfo, BundleTaken } from '@/bridge/contract';
import { textsIn } from '@/lib/i18n';
import { contentTexts, nameOf, outcomeOf } from './bundleText';
import { Result } from './ReadBundle';

const info = (part: Partial<BundleInfo> = {}): BundleInfo => ({
  bundle: 'b1', made: '2026-11-21T08:00:00Z', device: { id: '0123456789', name: 'ana-laptop' }, parts: 1, read: [1], here: [], missing: [], spaces: [], taken: [], files: 0, newFiles: 0, closed: 0, changed: true, ...part,
});
const taken = (part: Partial<BundleTaken> = {}): BundleTaken => ({
  space: 'org', new: 0, known: 0, aside: 0, left: 0, agreedNew: 0, agreedKnown: 0, agreedLeft: 0, whole: false, why: [], ...part,
});
const en = textsIn('en');

describe('what people are told of a bundle', () => {
  it('names the person before the device, and the device by its id where it has no name', () => {
    expect(nameOf(info({ person: { id: 'p', title: 'Ana', kind: 'person' } }))).toBe('Ana (ana-laptop)');
    expect(nameOf(info({ device: { id: '0123456789', name: '' } }))).toBe('01234567');
  });

  it('sums up over the spaces, which people do not know', () => {
    const space = { space: 'org', generation: '1', waiting: 2, agreed: 0, whole: false, incomplete: false };
    expect(contentTexts(en, [space, { ...space, space: 'site/LYO', waiting: 1, agreed: 4 }], 1)).toEqual(['3 changes that wait', '4 agreed changes', '1 attached file']);
    expect(outcomeOf(en, info({ taken: [taken({ new: 1, left: 1, why: [{ code: 'x', sentence: 'Because.' }] }), taken({ agreedLeft: 1, why: [{ code: 'x', sentence: 'Because.' }] })] }))).toEqual({
      texts: ['1 new change that waits', '2 changes were left out'], why: ['Because.'], nothingNew: false,
    });
  });

  it('says that nothing changed only when nothing is missing and nothing was left out', () => {
    expect(outcomeOf(en, info({ changed: false })).nothingNew).toBe(true);
    expect(outcomeOf(en, info({ changed: false, missing: [2] })).nothingNew).toBe(false);
    expect(outcomeOf(en, info({ changed: false, taken: [taken({ left: 1 })] })).nothingNew).toBe(false);
    expect(outcomeOf(en, info({ changed: false, trouble: { code: 'c', sentence: 's' } })).nothingNew).toBe(false);
  });

  it('shows what was refused, what was new and what is missing', () => {
    render(
      <MantineProvider>
        <Result read={{ files: [{ name: 'work.001', state: 'refused', trouble: { code: 'bundle_altered', sentence: 'This part was changed.' } }], bundles: [info({ parts: 3, missing: [1, 3], taken: [taken({ agreedNew: 7 })] })] }} />
      </MantineProvider>,
    );
    expect(screen.getByText('work.001 was refused.')).toBeVisible();
    expect(screen.getByText(/This part was changed\./)).toBeVisible();
    expect(screen.getByText('7 new agreed changes')).toBeVisible();
    expect(screen.getByText(/Missing: part 1 and 3 of 3\./)).toBeVisible();
  });
});
