import { anzahl, area, count } from '../area';

export const tickets = area(
  {
    title: 'Tickets', list: 'Tickets', open: 'All open', all: 'All', mine: 'Mine', unassigned: 'Unassigned', pending: 'Waiting to be shared', conflicts: 'Need a decision',
    viewLabel: 'View', filterText: 'Filter by text', number: 'Number', titleColumn: 'Title', status: 'Status', priority: 'Priority', assignee: 'Assignee', team: 'Team', due: 'Next due', changed: 'Changed', created: 'Created',
    category: 'Category', site: 'Site', service: 'Service', tags: 'Tags', kind: 'Kind', caller: 'Caller', incident: 'Incident', request: 'Request',
    emptyTitle: 'No tickets yet', emptyHint: 'Write down the first call, walk-in or mail. It takes under a minute.', emptyView: 'Nothing in this view', emptyViewHint: 'Nobody waits here. Well done.',
    emptyFiltered: 'No ticket matches these filters', unassignedCell: 'Unassigned', resultCount: (n: number) => count(n, 'ticket', 'tickets'), reloading: 'Loading rows…',
    bulkTake: 'Take', bulkAssign: 'Assign', bulkTag: 'Add tag', bulkDone: (n: number) => `${count(n, 'ticket', 'tickets')} changed`, bulkFailed: (n: number) => `${count(n, 'ticket', 'tickets')} could not be changed`, bulkPreview: (n: number, what: string) => `${what}: ${count(n, 'ticket', 'tickets')}`,
    bulkUndo: 'Undo', tagName: 'Tag', selectRow: (title: string) => `Select ${title}`, selectAll: 'Select the loaded rows', overdue: 'overdue', dueNone: 'No clock', rowPending: 'waiting to be shared', rowConflicts: (n: number) => `${count(n, 'field', 'fields')} with two values`, rowParked: (n: number) => `${count(n, 'change', 'changes')} could not be applied`,
    goOpen: 'open', savedDraft: 'You have an unfinished ticket', resume: 'Continue',
    work: {
      title: 'My work', due: 'Your tickets', dueHint: 'Next due first', decisions: 'Need your decision', unassigned: 'Waiting for someone', unassignedHint: 'Nobody has taken these', recent: 'What changed lately', nothing: 'Nothing is waiting for you', nothingHint: 'Take a ticket that nobody has, or write down a new one.', twoValues: (field: string) => `“${field}” has two values`, seeAll: (n: number) => `See all ${n.toLocaleString('en')}`, queueEmpty: 'Every open ticket has someone.', noRecent: 'No changes yet.', draft: 'Unfinished drafts', greeting: (name: string) => `Good to see you, ${name}`,
    },
  },
  {
    title: 'Tickets', list: 'Tickets', open: 'Alle offenen', all: 'Alle', mine: 'Meine', unassigned: 'Ohne Zuständige', pending: 'Warten aufs Teilen', conflicts: 'Brauchen Entscheidung',
    viewLabel: 'Ansicht', filterText: 'Nach Text filtern', number: 'Nummer', titleColumn: 'Titel', status: 'Status', priority: 'Priorität', assignee: 'Zuständig', team: 'Team', due: 'Nächste Frist', changed: 'Geändert', created: 'Angelegt',
    category: 'Kategorie', site: 'Standort', service: 'Service', tags: 'Schlagwörter', kind: 'Art', caller: 'Meldende Person', incident: 'Störung', request: 'Anfrage',
    emptyTitle: 'Noch keine Tickets', emptyHint: 'Halten Sie den ersten Anruf, Besuch oder die erste Mail fest. Es dauert keine Minute.', emptyView: 'In dieser Ansicht ist nichts', emptyViewHint: 'Hier wartet niemand. Gut gemacht.',
    emptyFiltered: 'Kein Ticket passt zu diesen Filtern', unassignedCell: 'Niemand', resultCount: (n: number) => anzahl(n, 'Ticket', 'Tickets'), reloading: 'Zeilen werden geladen…',
    bulkTake: 'Übernehmen', bulkAssign: 'Zuweisen', bulkTag: 'Schlagwort hinzufügen', bulkDone: (n: number) => `${anzahl(n, 'Ticket', 'Tickets')} geändert`, bulkFailed: (n: number) => `${anzahl(n, 'Ticket', 'Tickets')} nicht änderbar`, bulkPreview: (n: number, what: string) => `${what}: ${anzahl(n, 'Ticket', 'Tickets')}`,
    bulkUndo: 'Rückgängig', tagName: 'Schlagwort', selectRow: (title: string) => `${title} auswählen`, selectAll: 'Geladene Zeilen auswählen', overdue: 'überfällig', dueNone: 'Keine Frist', rowPending: 'wartet aufs Teilen', rowConflicts: (n: number) => `${anzahl(n, 'Feld', 'Felder')} mit zwei Werten`, rowParked: (n: number) => `${anzahl(n, 'Änderung', 'Änderungen')} nicht anwendbar`,
    goOpen: 'offen', savedDraft: 'Sie haben ein unfertiges Ticket', resume: 'Weiter',
    work: {
      title: 'Meine Arbeit', due: 'Ihre Tickets', dueHint: 'Nächste Frist zuerst', decisions: 'Brauchen Ihre Entscheidung', unassigned: 'Warten auf jemanden', unassignedHint: 'Noch hat sie niemand übernommen', recent: 'Zuletzt geändert', nothing: 'Für Sie liegt nichts an', nothingHint: 'Übernehmen Sie ein freies Ticket oder legen Sie ein neues an.', twoValues: (field: string) => `„${field}“ hat zwei Werte`, seeAll: (n: number) => `Alle ${n.toLocaleString('de')} ansehen`, queueEmpty: 'Jedes offene Ticket hat jemanden.', noRecent: 'Noch keine Änderungen.', draft: 'Unfertige Entwürfe', greeting: (name: string) => `Guten Tag, ${name}`,
    },
  },
);

export const ticket = area(
  {
    properties: 'Properties', conversation: 'Conversation', history: 'History', description: 'Description', noDescription: 'Add a description', reply: 'Reply', note: 'Note', replyHint: 'The caller can read this', noteHint: 'Only colleagues can read this', replyPlaceholder: 'Write to the caller…', notePlaceholder: 'Write for your colleagues…', send: 'Send reply', addNote: 'Add note', sendKey: 'Ctrl Enter',
    wroteReply: 'replied', wroteNote: 'noted', noConversation: 'No replies or notes yet', noConversationHint: 'Write the first with r (reply) or n (note).', title: 'Title', editTitle: 'Edit title', noTitle: 'Untitled', take: 'Take', taken: 'You have this', takeHint: 'Make yourself the assignee', changeStatus: 'Change status', moveTo: (s: string) => `Move to “${s}”`, notAllowed: 'Not possible now', people: 'People', classification: 'Classification', clocks: 'Service levels', noClocks: 'No service level applies', why: 'Why?',
    clockState: { running: 'Running', paused: 'Paused', met: 'Met', breached: 'Missed' }, dueAt: (when: string) => `due ${when}`, lateBy: (when: string) => `was due ${when}`, provisionalHint: 'Preliminary number until this is shared; it stays searchable.', createdBy: (who: string) => `Opened by ${who}`, duplicate: 'Looks like a duplicate of', events: (n: number) => count(n, 'event', 'events'), showEvents: 'Show', hideEvents: 'Hide',
    conflictTitle: (field: string) => `Two people changed “${field}” without seeing each other`, keep: (value: string) => `Keep “${value}”`, use: (value: string) => `Use “${value}”`, shownNow: 'Shown now', other: 'Also set', by: (who: string) => `by ${who}`, on: (device: string) => `on ${device}`, emptyValue: 'empty', mergeBoth: 'Edit both together', conflictCount: (n: number) => `${count(n, 'field needs', 'fields need')} a decision`,
    parkedTitle: (action: string) => `“${action}” could not be applied`, parkedKept: 'Everything that was typed is kept here.', dismiss: 'I have seen this', useText: 'Copy text to a note', addTag: 'Add a tag', removeTag: (tag: string) => `Remove tag ${tag}`, addWatcher: 'Add a watcher', watchers: 'Watchers', noTags: 'No tags', imported: 'Imported figures',
    historyEmpty: 'No changes yet', historyFrom: 'from', historyTo: 'to', resultLabel: { applied: 'applied', merged: 'merged', conflict: 'second value kept', parked: 'not applied', poison: 'not readable' }, waitingResult: 'waiting to be shared', device: 'device', template: 'Template', priorityWhy: 'Priority follows from impact and urgency', more: 'More fields', fewer: 'Fewer fields', saved: 'Saved',
    transitionTitle: (s: string) => `${s}: what is needed`, transitionGo: (s: string) => `${s}`, previous: 'Previous ticket', next: 'Next ticket', copyLink: 'Copy number', nobody: 'Nobody', reason: 'Reason', counted: 'times',
  },
  {
    properties: 'Eigenschaften', conversation: 'Verlauf', history: 'Historie', description: 'Beschreibung', noDescription: 'Beschreibung hinzufügen', reply: 'Antwort', note: 'Notiz', replyHint: 'Die meldende Person kann das lesen', noteHint: 'Nur Kolleginnen und Kollegen lesen das', replyPlaceholder: 'An die meldende Person schreiben…', notePlaceholder: 'Für Kolleginnen und Kollegen schreiben…', send: 'Antwort senden', addNote: 'Notiz anfügen', sendKey: 'Strg Enter',
    wroteReply: 'hat geantwortet', wroteNote: 'hat notiert', noConversation: 'Noch keine Antworten oder Notizen', noConversationHint: 'Schreiben Sie die erste mit r (Antwort) oder n (Notiz).', title: 'Titel', editTitle: 'Titel bearbeiten', noTitle: 'Ohne Titel', take: 'Übernehmen', taken: 'Sie sind zuständig', takeHint: 'Selbst zuständig werden', changeStatus: 'Status ändern', moveTo: (s: string) => `Nach „${s}“`, notAllowed: 'Jetzt nicht möglich', people: 'Personen', classification: 'Einordnung', clocks: 'Servicelevel', noClocks: 'Kein Servicelevel gilt', why: 'Warum?',
    clockState: { running: 'Läuft', paused: 'Angehalten', met: 'Eingehalten', breached: 'Verfehlt' }, dueAt: (when: string) => `fällig ${when}`, lateBy: (when: string) => `war fällig ${when}`, provisionalHint: 'Vorläufige Nummer, bis geteilt ist; sie bleibt auffindbar.', createdBy: (who: string) => `Angelegt von ${who}`, duplicate: 'Sieht aus wie ein Duplikat von', events: (n: number) => anzahl(n, 'Ereignis', 'Ereignisse'), showEvents: 'Zeigen', hideEvents: 'Verbergen',
    conflictTitle: (field: string) => `Zwei Personen haben „${field}“ geändert, ohne einander zu sehen`, keep: (value: string) => `„${value}“ behalten`, use: (value: string) => `„${value}“ nehmen`, shownNow: 'Jetzt angezeigt', other: 'Auch gesetzt', by: (who: string) => `von ${who}`, on: (device: string) => `auf ${device}`, emptyValue: 'leer', mergeBoth: 'Beide zusammen bearbeiten', conflictCount: (n: number) => `${anzahl(n, 'Feld braucht', 'Felder brauchen')} eine Entscheidung`,
    parkedTitle: (action: string) => `„${action}“ ließ sich nicht anwenden`, parkedKept: 'Alles Getippte ist hier aufbewahrt.', dismiss: 'Gesehen', useText: 'Text in eine Notiz übernehmen', addTag: 'Schlagwort hinzufügen', removeTag: (tag: string) => `Schlagwort ${tag} entfernen`, addWatcher: 'Beobachtende hinzufügen', watchers: 'Beobachtende', noTags: 'Keine Schlagwörter', imported: 'Importierte Angaben',
    historyEmpty: 'Noch keine Änderungen', historyFrom: 'von', historyTo: 'zu', resultLabel: { applied: 'angewandt', merged: 'zusammengeführt', conflict: 'zweiter Wert behalten', parked: 'nicht angewandt', poison: 'nicht lesbar' }, waitingResult: 'wartet aufs Teilen', device: 'Gerät', template: 'Vorlage', priorityWhy: 'Die Priorität folgt aus Auswirkung und Dringlichkeit', more: 'Mehr Felder', fewer: 'Weniger Felder', saved: 'Gespeichert',
    transitionTitle: (s: string) => `${s}: das wird gebraucht`, transitionGo: (s: string) => `${s}`, previous: 'Voriges Ticket', next: 'Nächstes Ticket', copyLink: 'Nummer kopieren', nobody: 'Niemand', reason: 'Grund', counted: 'Mal',
  },
);

export const newTicket = area(
  {
    incident: 'New incident', request: 'New request', title: 'What happened?', titleRequest: 'What is needed?', create: 'Create ticket', createAnother: 'Create and write another', kind: 'Kind', template: 'Template', noTemplate: 'No template',
    restored: 'Your draft is back.', startOver: 'Start over', similar: 'Looks similar', similarHint: 'Maybe this is already known:', created: (number: string) => `${number} created`, more: 'More fields', keys: 'Tab moves on, Ctrl Enter creates, Escape goes back and keeps the draft.', titleMissing: 'Say in a few words what it is about.', missing: (label: string) => `${label} is required.`, firstCheck: 'Please complete what is marked.',
  },
  {
    incident: 'Neue Störung', request: 'Neue Anfrage', title: 'Was ist passiert?', titleRequest: 'Was wird gebraucht?', create: 'Ticket anlegen', createAnother: 'Anlegen und nächstes schreiben', kind: 'Art', template: 'Vorlage', noTemplate: 'Keine Vorlage',
    restored: 'Ihr Entwurf ist wieder da.', startOver: 'Neu beginnen', similar: 'Klingt ähnlich', similarHint: 'Vielleicht ist das schon bekannt:', created: (number: string) => `${number} angelegt`, more: 'Weitere Felder', keys: 'Tab geht weiter, Strg Enter legt an, Escape geht zurück und behält den Entwurf.', titleMissing: 'Sagen Sie in wenigen Worten, worum es geht.', missing: (label: string) => `${label} fehlt.`, firstCheck: 'Bitte das Markierte ergänzen.',
  },
);
