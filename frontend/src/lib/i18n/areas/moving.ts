import { area } from '../area';

export const moving = area(
  {
    open: 'Move to another site', title: (number: string) => `Move ${number} to another site`, site: 'Site', act: 'Move', choose: 'Choose a site',
    effect: 'The ticket gets a number of that site; it is still found by this one. Here only a pointer stays.',
    late: 'Comments and files that are added here later go after it. Other changes that were made meanwhile come to review.',
    moving: (site: string) => `On its way to ${site}`, moved: (site: string, number: string) => `Moved to ${site} as ${number}`, from: (site: string) => `Came from ${site}`,
    movingHint: 'It arrives as soon as the move is agreed. What you see here is how it was.', movedHint: 'What you see here is how it was when it was moved. Notes that you add go after it.', phase: 'Moved',
  },
  {
    open: 'An anderen Standort verschieben', title: (number: string) => `${number} an einen anderen Standort verschieben`, site: 'Standort', act: 'Verschieben', choose: 'Standort wählen',
    effect: 'Das Ticket bekommt eine Nummer jenes Standorts; unter dieser bleibt es auffindbar. Hier bleibt nur ein Verweis.',
    late: 'Kommentare und Dateien, die hier später dazukommen, gehen ihm nach. Andere Änderungen aus der Zwischenzeit kommen zur Prüfung.',
    moving: (site: string) => `Unterwegs nach ${site}`, moved: (site: string, number: string) => `Nach ${site} verschoben als ${number}`, from: (site: string) => `Kam von ${site}`,
    movingHint: 'Es kommt an, sobald das Verschieben vereinbart ist. Hier sehen Sie, wie es war.', movedHint: 'Hier sehen Sie, wie es war, als es verschoben wurde. Notizen, die Sie hinzufügen, gehen ihm nach.', phase: 'Verschoben',
  },
);
