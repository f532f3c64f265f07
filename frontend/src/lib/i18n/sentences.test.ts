import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { germanSentence, translatedSentences, translatedWords } from './areas/sentences';

const top = join(import.meta.dirname, '../../../..');
let source = '';

/** All of the program, without its tests. */
function goFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.go') && !name.endsWith('_test.go')).map((name) => join(folder, name));
}

beforeAll(() => {
  source = ['app', 'backend', 'sync'].flatMap((folder) => goFiles(join(top, folder))).map((file) => readFileSync(file, 'utf8')).join('\n');
});

describe('the sentences of the program in German', () => {
  it('translate what the program still says', () => {
    const counted = /^\d+ change/;
    const said = (words: string) => source.includes(JSON.stringify(words)) || source.includes(JSON.stringify(words.replace(/\.$/, ''))) || counted.test(words);
    expect(translatedSentences.filter((one) => !said(one))).toEqual([]);
    expect(translatedWords.filter((one) => !said(one))).toEqual([]);
  });

  it.each([
    ['waiting', '3 changes waiting.', '3 Änderungen warten.'],
    ['up_to_date', 'Everything is shared. 2 things need your decision.', 'Alles ist geteilt. 2 Sachen brauchen Ihre Entscheidung.'],
    ['waiting', '1 change waiting. 1 thing needs your decision.', '1 Änderung wartet. 1 Sache braucht Ihre Entscheidung.'],
    ['transition_refused', 'It is Closed by now, so it cannot become Resolved.', 'Es ist inzwischen „Geschlossen“ und kann nicht „Gelöst“ werden.'],
    ['claimed', 'Claimed by Mia Schneider on 3 May 2026 at 14:02 UTC.', 'Übernommen von Mia Schneider, 3 May 2026, 14:02 UTC.'],
    ['forbidden', 'Your role (Requester) may not publish configuration; this needs Administrator.', 'Ihre Rolle (Anfragende) erlaubt das nicht; nötig ist: Administration.'],
    ['', '30 minutes from Sat 2026-11-21 13:20 by the calendar office (Europe/Berlin).\nPolicy: Standard (69c4e05c).', '30 Minuten ab Sat 2026-11-21 13:20 nach dem Kalender office (Europe/Berlin).\nRegel: Standard (69c4e05c).'],
    ['disk_full', 'The disk has 3 MB left.', 'Auf dem Datenträger ist kein Platz mehr. Schaffen Sie Platz und versuchen Sie es noch einmal; was Sie getippt haben, ist noch da.'],
    ['invalid', 'A rule that nobody translated.', 'Das passt so nicht; bitte berichtigen und noch einmal versuchen. (A rule that nobody translated.)'],
    ['odd', 'A code that nobody knows.', 'A code that nobody knows.'],
    ['backup_age', 'The last backup is 12 days old. Make a new one.', 'Das letzte Backup ist 12 Tage alt. Machen Sie ein neues.'],
  ])('say %s: %s', (code, english, german) => {
    expect(germanSentence(code, english)).toBe(german);
  });
});
