import { area } from '../area';

/** What the one button beside a fault does. */
export type Remedy = 'again' | 'understood' | 'sync' | 'waiting' | 'nodes' | 'invites' | 'devices' | 'decisions' | 'check' | 'backup' | 'key' | 'copy';

export interface Fault {
  /** where the program says nothing more exact */
  readonly en: string;
  readonly de: string;
  readonly remedy: Remedy;
  /** means many things: the program's own sentence says which, in every language */
  readonly broad?: true;
}

const fault = (remedy: Remedy, en: string, de: string): Fault => ({ en, de, remedy });
const broad = (remedy: Remedy, en: string, de: string): Fault => ({ en, de, remedy, broad: true });

/** Every code that the program can show a person, with one sentence and one button. A test holds it against the program's source. */
export const faults: Readonly<Record<string, Fault>> = {
  // whatever is asked for
  invalid: broad('understood', 'That does not fit; correct it and try again.', 'Das passt so nicht; bitte berichtigen und noch einmal versuchen.'),
  not_found: broad('understood', 'It is not on this device.', 'Das gibt es auf diesem Gerät nicht.'),
  conflict: broad('again', 'Something changed meanwhile. Look again, then try again.', 'Inzwischen hat sich etwas geändert. Bitte noch einmal ansehen und versuchen.'),
  forbidden: broad('understood', 'Your roles do not allow that. Ask an administrator.', 'Ihre Rollen erlauben das nicht. Fragen Sie die Administration.'),
  unavailable: broad('again', 'That does not work at the moment; nothing is lost. Try again later.', 'Das geht im Augenblick nicht; nichts ist verloren. Bitte später noch einmal versuchen.'),
  unreachable: fault('again', 'Holdfast did not answer. What you typed is still here; try again in a moment.', 'Holdfast hat nicht geantwortet. Ihr Text ist noch da; bitte gleich noch einmal versuchen.'),
  internal: fault('copy', 'That should not have happened, a defect of Holdfast. What you typed is still here.', 'Das hätte nicht passieren dürfen, ein Fehler in Holdfast. Was Sie getippt haben, ist noch da.'),
  window: fault('again', 'The window could not do that. Try again.', 'Das Fenster konnte das nicht tun. Bitte noch einmal versuchen.'),
  not_set_up: fault('understood', 'This device has no site yet.', 'Dieses Gerät hat noch keinen Standort.'),
  // this device and its disk
  disk_full: fault('again', 'There is no room on the disk. Free some and try again; what you typed is still here.', 'Auf dem Datenträger ist kein Platz mehr. Schaffen Sie Platz und versuchen Sie es noch einmal; was Sie getippt haben, ist noch da.'),
  read_only: fault('again', 'The data folder cannot be written. Check its permissions; what you typed is still here.', 'In den Datenordner lässt sich nicht schreiben. Prüfen Sie seine Rechte; was Sie getippt haben, ist noch da.'),
  in_use: fault('understood', 'Another Holdfast has this data folder open.', 'Ein anderes Holdfast hat diesen Datenordner geöffnet.'),
  port_in_use: fault('again', 'The address for other devices is taken already.', 'Die Adresse für andere Geräte ist schon vergeben.'),
  corrupt: fault('check', 'Something stored is damaged. Check this device; others can send it again.', 'Gespeichertes ist beschädigt. Prüfen Sie dieses Gerät in den Einstellungen; andere Geräte können es wieder liefern.'),
  newer_format: fault('understood', 'A newer Holdfast wrote this. Update Holdfast on this device.', 'Das hat ein neueres Holdfast geschrieben. Aktualisieren Sie Holdfast auf diesem Gerät.'),
  clock_skewed: fault('again', 'The clock of this device is too far off. Set it and try again.', 'Die Uhr dieses Geräts geht zu falsch. Stellen Sie sie und versuchen Sie es noch einmal.'),
  trimmed: fault('understood', 'Earlier changes are not kept one by one here any more.', 'Frühere Änderungen sind hier nicht mehr einzeln aufbewahrt.'),
  keyring_missing: fault('understood', 'This computer has no keyring for the key of the data.', 'Dieser Rechner hat keinen Schlüsselbund, den Holdfast zum Verschlüsseln nutzen kann: Starten Sie Holdfast mit einer Passphrase in HOLDFAST_PASSPHRASE, oder beginnen Sie ohne Verschlüsselung. Es wurde nichts geändert.'),
  keyring_changed: fault('understood', 'The keyring holds another key. Open the data with the recovery code.', 'Der Schlüsselbund enthält einen anderen Schlüssel. Öffnen Sie die Daten mit dem Wiederherstellungscode.'),
  passphrase_missing: fault('understood', 'A passphrase is needed to open the data.', 'Zum Öffnen der Daten wird eine Passphrase gebraucht.'),
  passphrase_wrong: fault('again', 'The passphrase is wrong.', 'Die Passphrase stimmt nicht.'),
  passphrase_unconfirmed: fault('again', 'The passphrase is not the one of this folder.', 'Die Passphrase ist nicht die dieses Ordners. Soll sie es werden, geben Sie sie in HOLDFAST_PASSPHRASE_AGAIN noch einmal an. Es wurde nichts geändert.'),
  key_uncertain: broad('again', 'Which key opens this folder could not be made certain. Try again.', 'Welcher Schlüssel diesen Ordner öffnet, war nicht sicher festzustellen. Bitte noch einmal versuchen.'),
  recovery_wrong: fault('again', 'The recovery code is mistyped or belongs to another folder.', 'Der Wiederherstellungscode ist vertippt oder gehört zu einem anderen Ordner.'),
  // other devices
  not_leader: fault('again', 'Another node decides just now. Try again.', 'Der Knoten, der entscheidet, hat gerade gewechselt. Bitte noch einmal versuchen.'),
  device_revoked: fault('devices', 'This device was shut out.', 'Dieses Gerät wurde ausgeschlossen.'),
  device_compromised: fault('devices', 'The device of this change was lost or broken into. The change is kept apart.', 'Das Gerät dieser Änderung ging verloren oder ist in fremder Hand. Die Änderung wird getrennt aufbewahrt.'),
  wipe_asked: fault('understood', 'An administrator asked for the data of this device to be removed.', 'Die Administration hat verlangt, dass die Daten dieses Geräts entfernt werden.'),
  not_enrolled: fault('invites', 'This device does not belong to this organisation.', 'Dieses Gerät gehört nicht zu dieser Organisation.'),
  other_cluster: fault('understood', 'The other device belongs to another organisation.', 'Das andere Gerät gehört zu einer anderen Organisation.'),
  certificate_expired: fault('sync', "This device's credentials have expired. Renew them at a node.", 'Der Ausweis dieses Geräts ist abgelaufen. Erneuern Sie ihn an einem Knoten.'),
  wrong_peer: fault('again', 'Another device than expected answers at that address.', 'An dieser Adresse antwortet ein anderes Gerät als erwartet.'),
  wrong_device: fault('devices', 'The other device is not the one that it says it is.', 'Das andere Gerät ist nicht das, als das es sich ausweist.'),
  own_device: fault('understood', 'This address leads to this device itself, or to a copy of it.', 'Diese Adresse führt zu diesem Gerät selbst oder zu einer Kopie davon.'),
  same_device: fault('devices', 'Both sides are the same device.', 'Beide Seiten sind dasselbe Gerät.'),
  no_common_protocol: fault('understood', 'One of the two programs is too old for the other. Update it.', 'Eines der beiden Programme ist zu alt für das andere. Bitte aktualisieren.'),
  protocol_violation: fault('copy', 'The other device sent something that does not belong there. Nothing of it was taken.', 'Das andere Gerät hat etwas gesendet, das nicht hineingehört. Nichts davon wurde übernommen.'),
  peer_failed: fault('again', 'Something failed on the other device. It is tried again.', 'Auf dem anderen Gerät ging etwas schief. Es wird wieder versucht.'),
  history_differs: fault('check', 'The two devices have different histories. Nothing was taken; check this device.', 'Die beiden Geräte haben verschiedene Vorgeschichten. Nichts wurde übernommen; prüfen Sie dieses Gerät.'),
  generation_behind: fault('again', 'The other device does not know of the recovery yet. It learns of it now.', 'Das andere Gerät weiß noch nichts von der Wiederherstellung. Es erfährt jetzt davon.'),
  unproven_generation: fault('copy', 'Somebody claims a recovery that your organisation never made. It was not believed.', 'Jemand behauptet eine Wiederherstellung, die Ihre Organisation nie vorgenommen hat. Es wurde nicht geglaubt.'),
  // invites and keys
  invite_damaged: fault('again', 'The invite is incomplete or mistyped. Paste its whole text again.', 'Die Einladung ist unvollständig oder vertippt. Fügen Sie den ganzen Text noch einmal ein.'),
  invite_expired: fault('understood', 'The invite has expired. Ask for a new one.', 'Die Einladung ist abgelaufen. Bitten Sie um eine neue.'),
  invite_unknown: fault('understood', 'This invite was not made here, or was taken back. Ask for a new one.', 'Diese Einladung wurde hier nicht ausgestellt oder zurückgezogen. Bitten Sie um eine neue.'),
  invite_used: fault('understood', 'Another device joined with this invite already. Ask for a new one.', 'Mit dieser Einladung ist schon ein anderes Gerät beigetreten. Bitten Sie um eine neue.'),
  not_an_invite: fault('again', 'This text is no invite.', 'Dieser Text ist keine Einladung.'),
  wrong_authority: fault('understood', 'Who answers here is not whom the invite names.', 'Wer hier antwortet, ist nicht, wen die Einladung nennt.'),
  not_a_recovery_key: fault('again', 'This text is no recovery key.', 'Dieser Text ist kein Wiederherstellungsschlüssel.'),
  recovery_key_wrong: fault('again', 'The recovery key belongs to another time or another organisation.', 'Der Wiederherstellungsschlüssel gehört zu einer anderen Zeit oder Organisation.'),
  backup_key_wrong: fault('again', 'The backup was made for another recovery key.', 'Das Backup wurde für einen anderen Wiederherstellungsschlüssel gemacht.'),
  wrong_key: fault('again', 'The key does not open this.', 'Der Schlüssel öffnet das nicht.'),
  // files on a stick
  not_a_bundle: fault('again', 'This file is no bundle of Holdfast.', 'Diese Datei ist kein Bündel von Holdfast.'),
  bundle_altered: fault('copy', 'This part was changed after it was written. Nothing of it was taken.', 'Dieser Teil wurde nach dem Schreiben verändert. Nichts davon wurde übernommen.'),
  bundle_broken: fault('again', 'This part is damaged. Copy it again.', 'Dieser Teil ist beschädigt. Kopieren Sie ihn noch einmal.'),
  bundle_truncated: fault('again', 'This part is cut off. Copy it again.', 'Dieser Teil ist abgeschnitten. Kopieren Sie ihn noch einmal.'),
  bundle_not_for_us: fault('understood', 'This bundle was made for another device.', 'Dieses Bündel wurde für ein anderes Gerät gemacht.'),
  bundle_no_readers: fault('devices', 'There is no other device that could read it.', 'Es gibt kein anderes Gerät, das es lesen könnte.'),
  bundle_too_new: fault('sync', 'Some of the bundle builds on agreed changes that this device lacks.', 'Ein Teil des Bündels baut auf vereinbarten Änderungen auf, die diesem Gerät fehlen.'),
  author_unknown: fault('sync', 'Some changes are by devices that this one does not know yet. They are taken once it does.', 'Einige Änderungen stammen von Geräten, die dieses noch nicht kennt. Sie werden dann übernommen.'),
  history_altered: fault('copy', 'The history was changed after it was written.', 'Die Vorgeschichte wurde nach dem Schreiben verändert.'),
  gap: fault('understood', 'Some changes come later: those before them are not here yet.', 'Einige Änderungen folgen später: Die davor sind noch nicht hier.'),
  // why a change was not applied
  claimed: fault('understood', 'Somebody else was first.', 'Jemand anderes war schneller.'),
  exists: fault('understood', 'This record was created before.', 'Diesen Datensatz gab es schon.'),
  misfit: fault('understood', 'The change treats a field as something that it is not. Update the device that made it.', 'Die Änderung behandelt ein Feld als etwas anderes, als es ist. Aktualisieren Sie das Gerät, von dem sie kommt.'),
  newer: fault('again', 'The change was made by a newer Holdfast. Update the nodes, then try again.', 'Die Änderung stammt von einem neueren Holdfast. Aktualisieren Sie die Knoten, dann noch einmal versuchen.'),
  poison: fault('copy', 'This change cannot be read. It is kept, and nothing else is held up by it.', 'Diese Änderung ist nicht lesbar. Sie bleibt erhalten und hält nichts anderes auf.'),
  unknown_kind: fault('again', 'The nodes do not know this kind of record. Update them, then try again.', 'Die Knoten kennen diese Art von Datensatz nicht. Aktualisieren Sie sie, dann noch einmal versuchen.'),
  unknown_record: fault('understood', 'The record that this changes does not exist.', 'Den Datensatz dieser Änderung gibt es nicht.'),
  wrong_space: fault('understood', 'The record belongs to another part of the organisation.', 'Der Datensatz gehört zu einem anderen Teil der Organisation.'),
  transition_refused: broad('understood', 'It is in another state by now, so this step is not possible.', 'Inzwischen ist der Zustand ein anderer; dieser Schritt ist nicht möglich.'),
  not_initial: broad('again', 'A new record starts in another state.', 'Ein neuer Datensatz beginnt in einem anderen Zustand.'),
  moved: broad('understood', 'This ticket was moved to another site. Go on with it there; here you can still add a note.', 'Dieses Ticket wurde an einen anderen Standort verschoben. Machen Sie dort weiter; hier können Sie noch eine Notiz hinzufügen.'),
  not_a_move: fault('understood', 'A ticket is moved to another site by the step for that alone, not by changing its fields.', 'Ein Ticket wird nur durch den Schritt dafür an einen anderen Standort verschoben, nicht durch Ändern seiner Felder.'),
  not_a_site: fault('understood', 'The ticket can only be moved to another site.', 'Das Ticket kann nur an einen anderen Standort verschoben werden.'),
  not_your_site: fault('understood', 'The device on which this was asked for is not for that site, so it cannot move tickets there.', 'Das Gerät, an dem das verlangt wurde, gehört nicht zu jenem Standort; von dort lässt sich nichts dorthin verschieben.'),
  nothing_to_remove: fault('understood', 'There is nothing there that can be removed for good. Texts, values and entries of lists can.', 'Dort ist nichts, was sich endgültig entfernen lässt. Entfernen lassen sich Texte, Werte und Einträge von Listen.'),
  field_missing: fault('again', 'Something is missing for this step. Fill it in and try again.', 'Für diesen Schritt fehlt noch eine Angabe.'),
  reason_missing: fault('again', 'Say why, in the same step.', 'Sagen Sie im selben Schritt, warum.'),
  role_missing: broad('understood', 'This step is for other roles.', 'Dieser Schritt ist für andere Rollen.'),
  not_author: fault('devices', 'The change names somebody who does not work on that device.', 'Die Änderung nennt jemanden, der nicht an jenem Gerät arbeitet.'),
  not_system: fault('devices', 'Only a node may make changes in the name of the system.', 'Nur ein Knoten darf im Namen des Systems ändern.'),
  unknown_device: fault('devices', 'The device that made this change is not known here.', 'Das Gerät dieser Änderung ist hier nicht bekannt.'),
  unreadable: fault('again', 'The permissions could not be read. Try again.', 'Die Rechte ließen sich nicht lesen. Bitte noch einmal versuchen.'),
  // what is checked
  data: fault('check', 'The stored data is damaged.', 'Die gespeicherten Daten sind beschädigt.'),
  damage: fault('check', 'A part of the stored data is damaged. Others can send it again.', 'Ein Teil der gespeicherten Daten ist beschädigt. Andere Geräte können ihn wieder liefern.'),
  clock: fault('check', "This computer's clock looks wrong. Set it; nothing is refused because of it.", 'Die Uhr dieses Rechners scheint falsch zu gehen. Stellen Sie sie; deshalb wird nichts abgelehnt.'),
  folder: fault('understood', "The data folder is on a network drive. Move it to this computer's own disk.", 'Der Datenordner liegt auf einem Netzlaufwerk. Verschieben Sie ihn auf einen eigenen Datenträger.'),
  rebuilt: fault('check', 'The database was damaged and is built anew from the journal and from other devices.', 'Die Datenbank war beschädigt und wird aus dem Journal und von anderen Geräten neu aufgebaut.'),
  disk: fault('again', 'The disk is full, and changes are refused until there is room. Free some space.', 'Der Datenträger ist voll; Änderungen werden abgelehnt, bis Platz ist. Schaffen Sie Platz.'),
  copied: fault('devices', "This device's data was copied or restored while another copy was in use. Nothing is lost; use only one of the two.", 'Die Daten dieses Geräts wurden kopiert oder wiederhergestellt, während eine andere Kopie in Gebrauch war. Nichts ist verloren; benutzen Sie nur eine von beiden.'),
  backup: fault('backup', 'No backup was ever made here. Make one on another disk.', 'Hier wurde noch nie ein Backup gemacht. Machen Sie eines auf einem anderen Datenträger.'),
  backup_age: fault('backup', 'The last backup is old. Make a new one.', 'Das letzte Backup ist alt. Machen Sie ein neues.'),
  recovery_key: fault('key', 'There is no recovery key, so nothing could be begun anew if the nodes were lost.', 'Es gibt keinen Wiederherstellungsschlüssel; gingen die Knoten verloren, ließe sich nichts neu beginnen.'),
  nodes: fault('invites', 'The number of nodes survives fewer losses than it could.', 'Die Zahl der Knoten übersteht weniger Ausfälle, als sie könnte.'),
  needs_newer: fault('waiting', 'Some changes were made by a newer Holdfast and wait for it. They are kept; update Holdfast on the nodes and on this device.', 'Einige Änderungen stammen von einem neueren Holdfast und warten darauf. Sie bleiben erhalten; aktualisieren Sie Holdfast auf den Knoten und auf diesem Gerät.'),
  device_copied: fault('devices', 'Two copies of a device wrote under one name. Nothing is lost; if both are in use, let one of them join anew.', 'Zwei Kopien eines Geräts haben unter einem Namen geschrieben. Nichts ist verloren; sind beide in Gebrauch, lassen Sie eine neu beitreten.'),
  node: fault('nodes', 'A node does not answer.', 'Ein Knoten antwortet nicht.'),
  no_leader: fault('nodes', 'Most of the nodes do not answer, so nothing is agreed; work goes on and is kept. Start them again. If they are gone for good, begin the cluster anew: holdfast recover.', 'Die meisten Knoten antworten nicht; deshalb wird nichts vereinbart. Die Arbeit geht weiter und bleibt erhalten. Starten Sie die Knoten wieder. Sind sie endgültig verloren, beginnen Sie neu: holdfast recover.'),
};

/** What the button beside a fault does; a code that nobody listed is to be reported. */
export const remedyOf = (code: string): Remedy => faults[code]?.remedy ?? 'copy';

export const remedies = area(
  { again: 'Try again', understood: 'All right', sync: 'Open Sync', waiting: 'See what waits', nodes: 'See the nodes', invites: 'Invite a node', devices: 'See the devices', decisions: 'Decide', check: 'Check this device', backup: 'Back up now', key: 'Make a recovery key', copy: 'Copy the message' },
  { again: 'Erneut versuchen', understood: 'In Ordnung', sync: 'Abgleich öffnen', waiting: 'Wartendes ansehen', nodes: 'Knoten ansehen', invites: 'Knoten einladen', devices: 'Geräte ansehen', decisions: 'Entscheiden', check: 'Gerät prüfen', backup: 'Jetzt sichern', key: 'Schlüssel erstellen', copy: 'Meldung kopieren' },
);
