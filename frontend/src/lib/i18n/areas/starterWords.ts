/**
 * The words of the starter pack in German, by what its files call them. A site that renames one of them has its own word, which is shown as it is in
 * every language; what nobody touched is read in the person's.
 */
export const starterWords: Readonly<Record<string, string>> = {
  // states and steps
  New: 'Neu', Assigned: 'Zugewiesen', 'In progress': 'In Arbeit', 'On hold': 'Zurückgestellt', Resolved: 'Gelöst', Closed: 'Geschlossen', Cancelled: 'Abgebrochen',
  'Awaiting approval': 'Wartet auf Genehmigung', Approved: 'Genehmigt', Rejected: 'Abgelehnt', 'In fulfilment': 'Wird erfüllt', Fulfilled: 'Erfüllt',
  Assign: 'Zuweisen', 'Start work': 'Arbeit beginnen', 'Put on hold': 'Zurückstellen', Cancel: 'Abbrechen', Resolve: 'Lösen', 'Hand over': 'Übergeben', Resume: 'Fortsetzen', Close: 'Schließen', Reopen: 'Wieder öffnen',
  'Ask for approval': 'Um Genehmigung bitten', Approve: 'Genehmigen', Reject: 'Ablehnen', 'Start fulfilment': 'Erfüllung beginnen', 'Submit again': 'Erneut einreichen', 'Take up again': 'Wieder aufnehmen', Fulfil: 'Erfüllen',
  // priorities
  Critical: 'Kritisch', High: 'Hoch', Medium: 'Mittel', Moderate: 'Mäßig', Low: 'Niedrig', Planning: 'Planbar',
  'A site, a whole department or customers': 'Ein Standort, eine ganze Abteilung oder Kunden', 'A team or several people': 'Ein Team oder mehrere Personen', 'One person': 'Eine Person',
  'Work has stopped and there is no workaround': 'Die Arbeit steht, und es gibt keinen Umweg', 'Work goes on with difficulty': 'Die Arbeit geht mit Mühe weiter', 'It can wait': 'Es kann warten',
  // choices
  Phone: 'Telefon', Mail: 'Mail', 'Walk-in': 'Persönlich', 'Self-service': 'Selbstbedienung', Chat: 'Chat', Monitoring: 'Überwachung',
  'Solved for good': 'Endgültig gelöst', 'The cause is gone': 'Die Ursache ist weg', 'Solved with a workaround': 'Mit Umweg gelöst', 'The cause is still there': 'Die Ursache ist noch da',
  Explained: 'Erklärt', 'Nothing was broken; the caller knows now': 'Nichts war kaputt; die Person weiß es jetzt', Duplicate: 'Doppelt', 'Solved by a provider': 'Von einem Dienstleister gelöst',
  'Could not be reproduced': 'Nicht nachstellbar', 'Went away by itself': 'Von selbst verschwunden',
  Essential: 'Wesentlich', Important: 'Wichtig', Deferrable: 'Aufschiebbar', 'Back within 4 hours': 'Binnen 4 Stunden zurück', 'Back within one working day': 'Binnen eines Arbeitstags zurück',
  'Back within three working days': 'Binnen dreier Arbeitstage zurück', 'Can wait for two weeks': 'Kann zwei Wochen warten',
  'One-off': 'Einmalig', 'Per month': 'Je Monat', 'Per unit': 'Je Stück', 'Per unit and month': 'Je Stück und Monat', 'Without charge': 'Kostenlos',
  // roles
  Requester: 'Anfragende', 'Everybody who asks for help.': 'Alle, die um Hilfe bitten.', Technician: 'Technik', 'Works on tickets, at a desk or in the field. May not publish configuration.': 'Bearbeitet Tickets, am Platz oder unterwegs. Darf keine Konfiguration veröffentlichen.',
  'Service owner': 'Serviceverantwortung', 'Answers for services, approves requests for them and keeps their articles.': 'Verantwortet Services, genehmigt Anfragen dazu und pflegt ihre Artikel.',
  'Service manager': 'Leitung des Service Desks', 'Answers for the service desk as a whole, its people, its service levels and its configuration.': 'Verantwortet den Service Desk als Ganzes, seine Personen, seine Zusagen und seine Konfiguration.',
  Administrator: 'Administration', 'May do everything, devices and the members of the cluster included.': 'Darf alles, auch Geräte und Knoten verwalten.',
  // templates, service levels and calendars
  'New starter': 'Neue Kollegin, neuer Kollege', 'Password reset': 'Passwort zurücksetzen', 'Site without network': 'Standort ohne Netz',
  'Critical services, around the clock': 'Kritische Services, rund um die Uhr', Requests: 'Anfragen', Standard: 'Standard', '24 hours a day, every day': 'Rund um die Uhr, jeden Tag', 'Office hours': 'Bürozeiten',
  // categories
  'Access and accounts': 'Zugänge und Konten', 'New account': 'Neues Konto', Permission: 'Berechtigung', Password: 'Passwort', 'Sign-in with a second factor': 'Anmeldung mit zweitem Faktor', Leaver: 'Austritt',
  Hardware: 'Hardware', 'Laptop or desktop': 'Laptop oder PC', Monitor: 'Bildschirm', 'Printer or scanner': 'Drucker oder Scanner', 'Docking station': 'Dockingstation', 'Other device': 'Anderes Gerät',
  Software: 'Software', Installation: 'Installation', Licence: 'Lizenz', Fault: 'Fehler', Update: 'Aktualisierung', 'How to': 'Bedienung',
  'Mail and collaboration': 'Mail und Zusammenarbeit', Mailbox: 'Postfach', Calendar: 'Kalender', 'Shared mailbox': 'Gemeinsames Postfach', 'Meetings and calls': 'Besprechungen und Anrufe', 'Shared files': 'Gemeinsame Dateien',
  'Network and connectivity': 'Netz und Verbindung', Wireless: 'WLAN', Wired: 'Kabel', VPN: 'VPN', Internet: 'Internet', 'Name resolution': 'Namensauflösung', 'Firewall rule': 'Firewall-Regel',
  'Servers and cloud': 'Server und Cloud', 'Virtual machine': 'Virtuelle Maschine', 'Container platform': 'Container-Plattform', Capacity: 'Kapazität', 'Monitoring alert': 'Alarm der Überwachung',
  'Storage and backup': 'Speicher und Backup', 'File share': 'Dateifreigabe', Restore: 'Wiederherstellung', 'Backup failed': 'Backup fehlgeschlagen', Quota: 'Kontingent',
  Databases: 'Datenbanken', Performance: 'Leistung', Access: 'Zugriff', 'Schema change': 'Schemaänderung', 'Web hosting': 'Webhosting', 'Site unreachable': 'Seite nicht erreichbar', Certificate: 'Zertifikat', 'Content delivery': 'Auslieferung (CDN)', Deployment: 'Bereitstellung',
  Security: 'Sicherheit', 'Suspicious mail': 'Verdächtige Mail', Malware: 'Schadsoftware', 'Lost device': 'Verlorenes Gerät', 'Data exposure': 'Datenabfluss', Vulnerability: 'Schwachstelle', Other: 'Sonstiges',
};
