import { createStore } from '@/lib/store';

/** Whether the program answers: false after its stream of news broke off. */
export const connected = createStore(true);
