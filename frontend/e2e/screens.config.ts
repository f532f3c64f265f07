import { defineConfig } from '@playwright/test';
import journeys from './playwright.config';

/** Takes the pictures of build/docs/screens with the same browser as the journeys. */
export default defineConfig({ ...journeys, testDir: '.', testMatch: 'screens.ts', timeout: 600_000 });
