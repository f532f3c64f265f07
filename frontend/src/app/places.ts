import {
  IconArrowsExchange, IconBook2, IconBriefcase, IconCloudNetwork, IconInbox, IconLayoutGrid, IconSettings, IconShoppingBag, IconTool, IconUsers, type Icon,
} from '@tabler/icons-react';
import type { Catalogue } from '@/lib/i18n';

export interface Place {
  to: string;
  search?: Record<string, string>;
  label: (t: Catalogue) => string;
  icon: Icon;
  /** the letter after "g" */
  key: string;
  lower?: boolean;
}

/** Where the sidebar, the palette and "g" then a letter lead. */
export const places: readonly Place[] = [
  { to: '/my-work', label: (t) => t.frame.myWork, icon: IconBriefcase, key: 'm' },
  { to: '/tickets', label: (t) => t.frame.tickets, icon: IconInbox, key: 't' },
  { to: '/requests', label: (t) => t.frame.requests, icon: IconShoppingBag, key: 'r' },
  { to: '/catalogue', label: (t) => t.frame.catalogue, icon: IconLayoutGrid, key: 'c' },
  { to: '/knowledge', label: (t) => t.frame.knowledge, icon: IconBook2, key: 'k' },
  { to: '/people', label: (t) => t.frame.people, icon: IconUsers, key: 'p' },
  { to: '/sync', label: (t) => t.frame.sync, icon: IconCloudNetwork, key: 's', lower: true },
  { to: '/configuration', label: (t) => t.frame.configuration, icon: IconTool, key: 'f', lower: true },
  { to: '/import', label: (t) => t.frame.exchange, icon: IconArrowsExchange, key: 'i', lower: true },
  { to: '/settings', label: (t) => t.frame.settings, icon: IconSettings, key: 'e', lower: true },
];
