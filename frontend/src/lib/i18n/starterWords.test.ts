import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textsIn } from '.';
import { starterWords } from './areas/starterWords';

const starter = join(import.meta.dirname, '../../../../backend/config/starter');
const areas = ['categories.yaml', 'choices.yaml', 'priorities.yaml', 'roles.yaml', 'calendars', 'sla', 'templates', 'workflows'];
const worded = /^\s*(?:- )?(?:label|means|description): (.+)$/;
const listed = /^\s*subcategories: \[(.+)\]$/;

/** What the files call things, in their own words. A template's description is part of a ticket and not a name. */
function wordsOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    if (/description:/.test(line) && file.includes('templates')) return [];
    const named = worded.exec(line)?.[1];
    return named !== undefined ? [named.replaceAll('"', '')] : listed.exec(line)?.[1]?.split(', ') ?? [];
  });
}

const files = areas.flatMap((area) => (area.endsWith('.yaml') ? [area] : readdirSync(join(starter, area)).map((name) => join(area, name))));
const words = [...new Set(files.flatMap((file) => wordsOf(join(starter, file))))];

describe('the words of the starter pack', () => {
  it('are all there in German', () => {
    expect(words.length).toBeGreaterThan(100);
    expect(words.filter((word) => !(word in starterWords))).toEqual([]);
  });

  it('stay as they are in English, and where a site has its own word', () => {
    expect(textsIn('de').common.word('On hold')).toBe('Zurückgestellt');
    expect(textsIn('en').common.word('On hold')).toBe('On hold');
    expect(textsIn('de').common.word('Parked with the vendor')).toBe('Parked with the vendor');
  });

  it('are translated within what the program says', () => {
    expect(textsIn('de').errors.said('transition_refused', 'It is Closed by now, so it cannot become In progress.')).toBe('Es ist inzwischen „Geschlossen“ und kann nicht „In Arbeit“ werden.');
  });
});
