import { faults } from './faults';
import { starterWords } from './starterWords';

/**
 * What the program itself says, in German. The program's sentences are English and come with a code; those that always read the same are
 * translated whole, those with names in them by pattern, and codes with one meaning by the code. Whatever is left stays as the program said it.
 */
const whole: Record<string, string> = {
  'Up to date.': 'Aktuell.',
  'An administrator shut this device out. Nobody shares with it any more; what is on it is kept. Ask an administrator.': 'Die Administration hat dieses Gerät gesperrt. Niemand teilt mehr mit ihm; was darauf ist, bleibt erhalten. Fragen Sie die Administration.',
  'Everything is shared.': 'Alles ist geteilt.',
  'Sharing…': 'Wird geteilt…',
  '1 change waiting.': '1 Änderung wartet.',
  'All stored data was read and is whole.': 'Alle gespeicherten Daten wurden gelesen und sind heil.',
  'The clock agrees with what others wrote.': 'Die Uhr passt zu dem, was andere geschrieben haben.',
  'The data folder is on a local disk.': 'Der Datenordner liegt auf einem eigenen Datenträger.',
  'There is room on the disk.': 'Auf dem Datenträger ist Platz.',
  'There is a recovery key.': 'Es gibt einen Wiederherstellungsschlüssel.',
  'The last backup is less than a week old.': 'Das letzte Backup ist jünger als eine Woche.',
  'There is one node. When it is gone, nothing can be agreed until it is back; work goes on and is kept. Three nodes survive the loss of one.': 'Es gibt einen Knoten. Ist er weg, wird bis zu seiner Rückkehr nichts vereinbart; die Arbeit geht weiter und bleibt erhalten. Drei Knoten überstehen den Verlust eines Knotens.',
  'An even number of nodes survives no more losses than one node fewer. Add one, or take one out.': 'Eine gerade Zahl von Knoten übersteht nicht mehr Ausfälle als einer weniger. Fügen Sie einen hinzu, oder nehmen Sie einen heraus.',
  'This change waits for nothing that is gone; it goes on by itself. Nothing was given up.': 'Diese Änderung wartet auf nichts Verlorenes; sie geht von selbst weiter. Nichts wurde aufgegeben.',
  'This change is not on this device any more. Somebody may have given it up already.': 'Diese Änderung ist nicht mehr auf diesem Gerät. Vielleicht hat sie schon jemand aufgegeben.',
  'This change is not on this device any more. Somebody may have settled it already.': 'Diese Änderung ist nicht mehr auf diesem Gerät. Vielleicht hat sie schon jemand erledigt.',
  'This change is about several records at once. Make it again on each of them.': 'Diese Änderung betrifft mehrere Datensätze auf einmal. Machen Sie sie an jedem noch einmal.',
  'This change cannot be read here, so it cannot be tried again.': 'Diese Änderung ist hier nicht lesbar und lässt sich nicht noch einmal versuchen.',
  'Somebody has it by now. Look at the record, and ask them or assign it anew.': 'Inzwischen hat es jemand. Sehen Sie nach, und fragen Sie die Person oder weisen Sie es neu zu.',
  'This device cannot make a recovery key: only a sync node can. Make it there.': 'Dieses Gerät kann keinen Wiederherstellungsschlüssel erstellen, das kann nur ein Knoten. Erstellen Sie ihn dort.',
  'Your roles do not allow you to change the group of nodes. Ask an administrator.': 'Ihre Rollen erlauben nicht, die Gruppe der Knoten zu ändern. Fragen Sie die Administration.',
  'The database was never set aside.': 'Die Datenbank musste nie ersetzt werden.',
  'The permissions could not be read. Try the change again.': 'Die Rechte ließen sich nicht lesen. Bitte die Änderung noch einmal versuchen.',
  'The device that made this change is not enrolled here.': 'Das Gerät dieser Änderung ist hier nicht bekannt.',
  'The device that made this change was shut out. An administrator can look at the change and take over what is right.': 'Das Gerät dieser Änderung wurde ausgeschlossen. Die Administration kann die Änderung ansehen und übernehmen, was stimmt.',
  'The device that made this change was lost or broken into. The change is kept apart; nobody has to believe it.': 'Das Gerät dieser Änderung ging verloren oder ist in fremder Hand. Die Änderung wird getrennt aufbewahrt; niemand muss ihr glauben.',
  'The change names somebody who does not work on this device.': 'Die Änderung nennt jemanden, der nicht an diesem Gerät arbeitet.',
  'This change cannot be read or applied. It is kept, and nothing else is held up by it.': 'Diese Änderung ist nicht lesbar und nicht anwendbar. Sie bleibt erhalten und hält nichts anderes auf.',
  'Somebody else was first; it is free again now. Look at the record, and take it if it is still yours to do.': 'Jemand anderes war schneller; jetzt ist es wieder frei. Sehen Sie nach, und übernehmen Sie es, wenn es noch Ihre Aufgabe ist.',
  'The change was made by a newer Holdfast. Update the sync nodes, then send it again.': 'Die Änderung stammt von einem neueren Holdfast. Aktualisieren Sie die Knoten und senden Sie sie noch einmal.',
  'The record that this changes does not exist.': 'Den Datensatz dieser Änderung gibt es nicht.',
  'The record that this changes belongs to another part of the organisation.': 'Der Datensatz dieser Änderung gehört zu einem anderen Teil der Organisation.',
  'This record was created before.': 'Diesen Datensatz gab es schon.',
  'The sync nodes do not know this kind of record. Update them, then send the change again.': 'Die Knoten kennen diese Art von Datensatz nicht. Aktualisieren Sie sie und senden Sie die Änderung noch einmal.',
  'The change treats a field as something that it is not. Update the device that made it.': 'Die Änderung behandelt ein Feld als etwas anderes, als es ist. Aktualisieren Sie das Gerät, von dem sie kommt.',
  'The priority follows from impact and urgency. To set another one, say why in the same step.': 'Die Priorität folgt aus Auswirkung und Dringlichkeit. Wer eine andere setzt, sagt im selben Schritt warum.',
  'It follows from impact and urgency, and one of them is missing.': 'Sie folgt aus Auswirkung und Dringlichkeit, und eines davon fehlt.',
  'Say in a sentence why it is removed, without repeating it: the reason stays.': 'Sagen Sie in einem Satz, warum es entfernt wird, ohne es zu wiederholen: Der Grund bleibt stehen.',
  'This record is not agreed yet. Remove it once it is.': 'Dieser Datensatz ist noch nicht vereinbart. Entfernen Sie es, sobald er es ist.',
  'This is not agreed yet. Remove it once it is.': 'Das ist noch nicht vereinbart. Entfernen Sie es, sobald es das ist.',
  'This record is not on this device. It may belong to a site that this device does not share, or the link may be wrong.': 'Dieser Datensatz ist nicht auf diesem Gerät. Er gehört vielleicht zu einem Standort, den es nicht teilt, oder der Link stimmt nicht.',
  'This ticket is archived. Bring it back first, then move it.': 'Dieses Ticket ist archiviert. Holen Sie es zuerst zurück, dann verschieben Sie es.',
  'Name another site to move the ticket to.': 'Nennen Sie einen anderen Standort, an den das Ticket soll.',
  'A ticket is moved to another site by the step for that alone, not by changing its fields.': 'Ein Ticket wird nur durch den Schritt dafür an einen anderen Standort verschoben, nicht durch Ändern seiner Felder.',
  'The ticket can only be moved to another site.': 'Das Ticket kann nur an einen anderen Standort verschoben werden.',
  'This is the node that you ask. It says itself where it is reached: start it with --listen or --advertise.': 'Das ist der Knoten, den Sie fragen. Er sagt selbst, wo er erreichbar ist: Starten Sie ihn mit --listen oder --advertise.',
  'This device is not known here.': 'Dieses Gerät ist hier nicht bekannt.',
  'The site needs a name, such as Lyon office.': 'Der Standort braucht einen Namen, etwa Niederlassung Lyon.',
  'Holdfast needs your name, so that others see who did what.': 'Holdfast braucht Ihren Namen, damit andere sehen, wer was getan hat.',
  'There is nothing to send yet: write something first.': 'Es gibt noch nichts zu senden: Schreiben Sie zuerst etwas.',
  'No sync node could agree to the change in time. It is kept; try again when the nodes are back.': 'Kein Knoten konnte der Änderung rechtzeitig zustimmen. Sie bleibt erhalten; versuchen Sie es, sobald die Knoten zurück sind.',
  'This data folder holds data that is not encrypted, and it stays so. Choose another folder to start with encryption.': 'Dieser Datenordner enthält unverschlüsselte Daten, und das bleibt so. Wählen Sie für die Verschlüsselung einen anderen Ordner.',
};

type Words = readonly string[];

const patterns: readonly [RegExp, (...m: Words) => string][] = [
  [/^(\d+) changes waiting\.$/, (n) => `${n ?? ''} Änderungen warten.`],
  [/^Cut off since (.+) — everything you do is kept and shared when a peer is back\.$/, (at) => `Getrennt seit ${at ?? ''} — alles, was Sie tun, bleibt erhalten und wird geteilt, sobald ein anderes Gerät zurück ist.`],
  [/^Working offline since (.+) — everything you do is kept and shared when you go online again\.$/, (at) => `Offline seit ${at ?? ''} — alles, was Sie tun, bleibt erhalten und wird geteilt, sobald Sie wieder online gehen.`],
  [/^The last backup is (\d+) days old\. Make a new one\.$/, (days) => `Das letzte Backup ist ${days ?? ''} Tage alt. Machen Sie ein neues.`],
  [/^The node (.+) does not answer\. See whether it runs; if it is gone for good, remove it\.$/, (name) => `Der Knoten ${name ?? ''} antwortet nicht. Sehen Sie nach, ob er läuft; ist er endgültig verloren, entfernen Sie ihn.`],
  [/^(\d+) parts of the stored data are damaged\. Restore a backup, or let a peer send them again\.$/, (n) => `${n ?? ''} Teile der gespeicherten Daten sind beschädigt. Stellen Sie ein Backup wieder her, oder lassen Sie sie von einem anderen Gerät noch einmal senden.`],
  [/^Impact (.+), urgency (.+)\.$/, (impact, urgency) => `Auswirkung ${germanWord(impact)}, Dringlichkeit ${germanWord(urgency)}.`],
  [/^It is (.+) by now, so it cannot become (.+)\.$/, (now, to) => `Es ist inzwischen „${germanWord(now)}“ und kann nicht „${germanWord(to)}“ werden.`],
  [/^It is ([^,]+) already\.$/, (now) => `Es ist schon „${germanWord(now)}“.`],
  [/^It is ([^,]+), which is final\.$/, (now) => `Es ist „${germanWord(now)}“, und dabei bleibt es.`],
  [/^It is (.+) and cannot become (.+) from there; it can become (.+)\.$/, (now, to, ways) => `Es ist „${germanWord(now)}“ und kann von da nicht „${germanWord(to)}“ werden; möglich: ${germanWords(ways)}.`],
  [/^Claimed by (.+) on (.+) at (.+) UTC\.$/, (who, day, at) => `Übernommen von ${who ?? ''}, ${day ?? ''}, ${at ?? ''} UTC.`],
  [/^A new record starts as (.+)\.$/, (state) => `Ein neuer Datensatz beginnt als „${germanWord(state)}“.`],
  [/^A new (.+) needs: (.+)\. Fill them in and save again\.$/, (_kind, fields) => `Es fehlt noch: ${fields ?? ''}. Bitte ausfüllen und noch einmal speichern.`],
  [/^"(.+)" is a step for (.+)\.$/, (step, roles) => `„${germanWord(step)}“ ist ein Schritt für: ${germanWords(roles)}.`],
  [/^Your role \((.+)\) may not (.+); this needs (.+)\.$/, (held, _what, needed) => `Ihre Rolle (${germanWords(held)}) erlaubt das nicht; nötig ist: ${germanWords(needed)}.`],
  [/^You have no role that this site knows, so you may not (.+); this needs (.+)\.$/, (_what, needed) => `Sie haben keine Rolle, die dieser Standort kennt; nötig ist: ${germanWords(needed)}.`],
  [/^The device at (.+) could not be reached, or ended the connection\. It is tried again\.$/, (address) => `Das Gerät unter ${address ?? ''} war nicht erreichbar oder hat die Verbindung beendet. Es wird wieder versucht.`],
  [/^The request does not fit this operation: (.+)\.$/, (why) => `Die Anfrage passt nicht zu diesem Vorgang: ${why ?? ''}.`],
  [/^(.+) cannot be empty\.$/, (field) => `„${field ?? ''}“ darf nicht leer sein.`],
  [/^(.+) does not take this value\.$/, (field) => `„${field ?? ''}“ nimmt diesen Wert nicht an.`],
  [/^(\d+) (minutes?|hours?|days?|working days?)(, end of day)? from (.+) by the calendar (.+) \((.+)\)\.$/, (n, unit, end, from, calendar, zone) => `${n ?? ''} ${units[unit ?? ''] ?? unit ?? ''}${(end ?? '') === '' ? '' : ', Tagesende'} ab ${from ?? ''} nach dem Kalender ${calendar ?? ''} (${zone ?? ''}).`],
  [/^Counted: (\d+) more windows\.$/, (n) => `Gezählt: ${n ?? ''} weitere Zeiträume.`],
  [/^Counted: (.+) to (.+)\.$/, (from, to) => `Gezählt: ${from ?? ''} bis ${to ?? ''}.`],
  [/^Special day: (.+)\.$/, (day) => `Besonderer Tag: ${day ?? ''}.`],
  [/^It was moved to (\S+)(?: as (\S+))? before this change was agreed\. What was said in it went along; make the rest of it there if it is still right\.$/, (site, number) => `Es wurde nach ${site ?? ''} verschoben${number === undefined ? '' : ` (als ${number})`}, bevor diese Änderung vereinbart war. Was darin gesagt wurde, ging mit; holen Sie den Rest dort nach, wenn er noch stimmt.`],
  [/^This ticket was moved to (\S+)\. Go on with (\S+) there; here you can still add a note\.$/, (site, number) => `Dieses Ticket wurde nach ${site ?? ''} verschoben. Machen Sie dort mit ${number === 'it' ? 'ihm' : (number ?? '')} weiter; hier können Sie noch eine Notiz hinzufügen.`],
  [/^This device is not for the site (\S+), so it cannot move tickets there\. An administrator can add the site to it\.$/, (site) => `Dieses Gerät ist nicht für den Standort ${site ?? ''}, kann also keine Tickets dorthin verschieben. Die Administration kann ihm den Standort hinzufügen.`],
  [/^The device on which this was asked for is not for the site (\S+), so it cannot move tickets there\.$/, (site) => `Das Gerät, von dem das kam, ist nicht für den Standort ${site ?? ''}, kann also keine Tickets dorthin verschieben.`],
  [/^"(.+)" is not an address\. Write host and port, such as (\S+)\.$/, (given, example) => `„${given ?? ''}“ ist keine Adresse. Schreiben Sie Rechner und Port, etwa ${example ?? ''}.`],
  [/^"(.+)" is not the code of a site\. Use letters and digits, such as LYO\.$/, (given) => `„${given ?? ''}“ ist kein Kürzel eines Standorts. Nehmen Sie Buchstaben und Ziffern, etwa LYO.`],
  [/^Paused: (.+) still going on, (.+) of open time\.$/, (from, open) => `Angehalten: seit ${from ?? ''}, ${open ?? ''} Servicezeit.`],
  [/^Paused: (.+) until (.+), (.+) of open time\.$/, (from, to, open) => `Angehalten: ${from ?? ''} bis ${to ?? ''}, ${open ?? ''} Servicezeit.`],
  [/^Two copies of the device (.+) wrote under one name\. Nothing is lost; if both are in use, let one of them join anew\.$/, (name) => `Zwei Kopien des Geräts ${name ?? ''} haben unter einem Namen geschrieben. Nichts ist verloren; sind beide in Gebrauch, lassen Sie eine neu beitreten.`],
  [/^Policy: (.+)\.$/, (policy) => `Regel: ${policyName(policy)}.`],
];

const units: Record<string, string> = { minute: 'Minute', minutes: 'Minuten', hour: 'Stunde', hours: 'Stunden', day: 'Tag', days: 'Tage', 'working day': 'Arbeitstag', 'working days': 'Arbeitstage' };

/** Words that the program brings along: states of services and articles, choices and clocks that no configuration changes. */
const labels: Record<string, string> = {
  Draft: 'Entwurf', 'In review': 'In Prüfung', Published: 'Veröffentlicht', Retired: 'Außer Dienst', 'Ask for review': 'Um Prüfung bitten', Publish: 'Veröffentlichen', Retire: 'Außer Dienst stellen',
  'Back to draft': 'Zurück zum Entwurf', 'Review again': 'Erneut prüfen', 'Take up again': 'Wieder aufnehmen', Pipeline: 'Geplant', Live: 'In Betrieb', 'Go live': 'In Betrieb nehmen', 'Plan again': 'Wieder planen',
  'Free of charge': 'Kostenlos', Once: 'Einmalig', Monthly: 'Monatlich', 'Per unit and month': 'Je Stück und Monat', Essential: 'Wesentlich', Important: 'Wichtig', Deferrable: 'Aufschiebbar',
  'back within an hour': 'binnen einer Stunde zurück', 'back within a working day': 'binnen eines Arbeitstags zurück', 'back within three working days': 'binnen dreier Arbeitstage zurück', 'back when all else runs': 'zurück, wenn alles andere läuft',
  Incident: 'Störung', Request: 'Anfrage', 'First response': 'Erste Antwort', Resolution: 'Lösung', 'Next update': 'Nächste Meldung',
};

/** A word of the program or of the starter pack in German; any other stays as it is. */
export function germanWord(word = ''): string {
  return labels[word] ?? starterWords[word] ?? word;
}

/** The same for several words as the program lists them. */
function germanWords(listed = ''): string {
  return listed.split(/(, | or | and )/).map((part) => (part === ' or ' ? ' oder ' : part === ' and ' ? ' und ' : germanWord(part))).join('');
}

/** A policy with its version behind it. */
function policyName(policy = ''): string {
  return policy.replace(/^(.+?)( \([0-9a-f]+\))?$/, (_all, name: string, version = '') => germanWord(name) + String(version));
}

/** What may follow how sharing stands, whatever it says. */
const decisions = /^(.+) (\d+) things? needs? your decision\.$/;

function germanLine(line: string): string | undefined {
  const known = whole[line];
  if (known !== undefined) return known;
  const [, before, n] = decisions.exec(line) ?? [];
  if (before !== undefined) return `${germanLine(before) ?? before} ${n === '1' ? '1 Sache braucht' : `${n ?? ''} Sachen brauchen`} Ihre Entscheidung.`;
  for (const [pattern, words] of patterns) {
    const match = pattern.exec(line);
    if (match !== null) return words(...match.slice(1));
  }
  return undefined;
}

/** A sentence of the program in German; the program's own where there is none. */
export function germanSentence(code: string, sentence: string): string {
  const lines = sentence.split('\n').map(germanLine);
  if (sentence !== '' && lines.every((line) => line !== undefined)) return lines.join('\n');
  const known = faults[code];
  if (known === undefined) return sentence;
  return known.broad === true && sentence !== '' ? `${known.de} (${sentence})` : known.de;
}

/** What is translated, for the test that the program still says it. */
export const translatedSentences = Object.keys(whole);
export const translatedWords = Object.keys(labels);
