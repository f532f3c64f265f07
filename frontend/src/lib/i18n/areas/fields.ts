import { area } from '../area';

/** Names of fields that the program brings along; the program's own label stands for all others. */
export const fields = area(
  {
    title: 'Title', description: 'Description', status: 'Status', impact: 'Impact', urgency: 'Urgency', priority: 'Priority', priority_reason: 'Reason for the priority', category: 'Category', subcategory: 'Subcategory', channel: 'Channel', caller: 'Caller', assignee: 'Assignee', team: 'Team', service: 'Service', location: 'Location', tags: 'Tags', watchers: 'Watchers', hold_reason: 'Reason for hold', resolution_code: 'Resolution code', resolution_text: 'Resolution', cancel_reason: 'Reason for cancelling', reject_reason: 'Reason for rejecting', major: 'Major incident', reopen_count: 'Reopened', source: 'Source', number: 'Number', former_numbers: 'Former numbers',
    features: 'Features', owner: 'Owner', deputy: 'Deputy', price_model: 'Price model', price: 'Price', currency: 'Currency', hours: 'Service hours', sla: 'Service level', continuity_class: 'Continuity class', provider: 'Provider', stage: 'Stage', depends_on: 'Depends on',
    body: 'Text', review_on: 'Review on', services: 'Services', helpful: 'Helpful', not_helpful: 'Not helpful', login: 'Login', email: 'E-mail', phone: 'Phone', site: 'Site', roles: 'Roles', active: 'Active', members: 'Members', code: 'Code', address: 'Address', zone: 'Time zone',
    replies: 'Reply', notes: 'Note', work: 'Work', attachments: 'Attachment',
  },
  {
    title: 'Titel', description: 'Beschreibung', status: 'Status', impact: 'Auswirkung', urgency: 'Dringlichkeit', priority: 'Priorität', priority_reason: 'Grund der Priorität', category: 'Kategorie', subcategory: 'Unterkategorie', channel: 'Kanal', caller: 'Meldende Person', assignee: 'Zuständig', team: 'Team', service: 'Service', location: 'Ort', tags: 'Schlagwörter', watchers: 'Beobachtende', hold_reason: 'Grund der Wartezeit', resolution_code: 'Lösungsart', resolution_text: 'Lösung', cancel_reason: 'Grund des Abbruchs', reject_reason: 'Grund der Ablehnung', major: 'Schwere Störung', reopen_count: 'Wieder geöffnet', source: 'Herkunft', number: 'Nummer', former_numbers: 'Frühere Nummern',
    features: 'Leistungsumfang', owner: 'Verantwortlich', deputy: 'Vertretung', price_model: 'Preismodell', price: 'Preis', currency: 'Währung', hours: 'Servicezeit', sla: 'Servicelevel', continuity_class: 'Kontinuitätsklasse', provider: 'Anbieter', stage: 'Stufe', depends_on: 'Hängt ab von',
    body: 'Text', review_on: 'Prüfen am', services: 'Services', helpful: 'Hilfreich', not_helpful: 'Nicht hilfreich', login: 'Anmeldename', email: 'E-Mail', phone: 'Telefon', site: 'Standort', roles: 'Rollen', active: 'Aktiv', members: 'Mitglieder', code: 'Kürzel', address: 'Adresse', zone: 'Zeitzone',
    replies: 'Antwort', notes: 'Notiz', work: 'Arbeit', attachments: 'Anhang',
  },
);

/** Names of actions as edits carry them. */
export const actions = area(
  { create: 'create', edit: 'edit', resolve: 'resolve', assign: 'assign', take: 'take', reply: 'reply', note: 'note', attach: 'attach', redact: 'remove for good', settle: 'decide', tag: 'tag', transition: 'change status', archive: 'archive', restore: 'restore', import: 'import', undo: 'undo' },
  { create: 'anlegen', edit: 'bearbeiten', resolve: 'lösen', assign: 'zuweisen', take: 'übernehmen', reply: 'antworten', note: 'notieren', attach: 'anhängen', redact: 'endgültig entfernen', settle: 'entscheiden', tag: 'verschlagworten', transition: 'Status ändern', archive: 'archivieren', restore: 'wiederherstellen', import: 'importieren', undo: 'zurücknehmen' },
);

/** The same after the name of who did it. */
export const did = area(
  { create: 'created', edit: 'edited', resolve: 'resolved', assign: 'assigned', take: 'took it', reply: 'replied', note: 'noted', attach: 'attached', redact: 'removed something for good', settle: 'decided', tag: 'tagged', transition: 'changed the status', archive: 'archived', restore: 'restored', import: 'imported', undo: 'took back', override: 'set the priority', rate: 'rated', found: 'founded the site', keep_authority: 'made the recovery key of the site', back_up: 'made a backup', admit: 'admitted', publish: 'published', auto_close: 'closed it after the waiting time', move: 'moved it to another site', arrive: 'moved it here', follow: 'brought what was said after it', forward: 'noted its new number', breach: 'noted a broken promise', retract: 'found a promise kept after all', set_sites: 'changed its sites', set_address: 'changed its address' },
  { create: 'hat angelegt', edit: 'hat bearbeitet', resolve: 'hat gelöst', assign: 'hat zugewiesen', take: 'hat übernommen', reply: 'hat geantwortet', note: 'hat notiert', attach: 'hat angehängt', redact: 'hat etwas endgültig entfernt', settle: 'hat entschieden', tag: 'hat verschlagwortet', transition: 'hat den Status geändert', archive: 'hat archiviert', restore: 'hat wiederhergestellt', import: 'hat importiert', undo: 'hat zurückgenommen', override: 'hat die Priorität gesetzt', rate: 'hat bewertet', found: 'hat den Standort gegründet', keep_authority: 'hat den Wiederherstellungsschlüssel des Standorts erstellt', back_up: 'hat ein Backup gemacht', admit: 'hat aufgenommen', publish: 'hat veröffentlicht', auto_close: 'hat nach der Wartezeit geschlossen', move: 'hat es an einen anderen Standort verschoben', arrive: 'hat es hierher verschoben', follow: 'hat nachgetragen, was gesagt wurde', forward: 'hat die neue Nummer vermerkt', breach: 'hat eine gebrochene Zusage vermerkt', retract: 'fand eine Zusage doch eingehalten', set_sites: 'hat seine Standorte geändert', set_address: 'hat seine Adresse geändert' },
);
