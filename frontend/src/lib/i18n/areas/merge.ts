import { anzahl, area, count } from '../area';

export const merge = area(
  {
    before: 'Before both', added: 'added', removed: 'taken out', together: (label: string) => `${label}: both together`, apart: 'The two changes do not touch. Read it through, change it if need be.',
    clashes: (n: number) => `In ${count(n, 'place', 'places')} both changed the same words: there both stand, one after the other. Put it right here.`, use: 'Use the merged text', keepOf: (who: string) => `Keep the text by ${who}`, useOf: (who: string) => `Use the text by ${who}`,
  },
  {
    before: 'Vor beiden', added: 'hinzugefügt', removed: 'herausgenommen', together: (label: string) => `${label}: beide zusammen`, apart: 'Die beiden Änderungen berühren sich nicht. Lesen Sie es durch, ändern Sie es bei Bedarf.',
    clashes: (n: number) => `An ${anzahl(n, 'Stelle', 'Stellen')} haben beide dieselben Wörter geändert: Dort stehen beide, nacheinander. Bringen Sie es hier in Ordnung.`, use: 'Zusammengeführten Text nehmen', keepOf: (who: string) => `Text von ${who} behalten`, useOf: (who: string) => `Text von ${who} nehmen`,
  },
);
