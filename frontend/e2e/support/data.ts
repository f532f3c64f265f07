import { fileURLToPath } from 'node:url';

/** Real incidents with their steps; the file lies beside the project. */
export const incidentLog = {
  path: fileURLToPath(new URL('../../../../shared/data/incident_event_log.csv', import.meta.url)),
  incidents: 890,
  steps: 5998,
};
