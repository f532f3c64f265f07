import {
  ActionIcon, Button, Checkbox, createTheme, type CSSVariablesResolver, Input, Kbd, type MantineThemeOverride, Menu, mergeThemeOverrides, Modal, MultiSelect, Popover, Select,
  Switch, Tabs, TagsInput, Tooltip,
} from '@mantine/core';
import { accentSteps, colors, darkSteps, fontCode, fontText, graySteps, layout, lineHeight, motion, radius, shadows, space, type } from './tokens';

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 8 },
  colors: { accent: accentSteps, gray: graySteps, dark: darkSteps },
  fontFamily: fontText,
  fontFamilyMonospace: fontCode,
  fontSizes: { xs: type.xs, sm: type.sm, md: type.md, lg: type.lg, xl: type.xl },
  lineHeights: { xs: lineHeight, sm: lineHeight, md: lineHeight, lg: lineHeight, xl: lineHeight },
  spacing: { xs: space[2], sm: space[3], md: space[4], lg: space[6], xl: space[8] },
  radius: { xs: '3px', sm: '4px', md: radius, lg: radius, xl: radius },
  defaultRadius: 'md',
  headings: { fontFamily: fontText, fontWeight: '600' },
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 28 } }),
    Input: Input.extend({ defaultProps: { size: 'xs' } }),
    InputWrapper: Input.Wrapper.extend({ defaultProps: { size: 'xs' }, styles: { description: { fontSize: type.xs }, error: { fontSize: type.xs } } }),
    Checkbox: Checkbox.extend({ styles: { description: { fontSize: type.xs } } }),
    Switch: Switch.extend({ defaultProps: { size: 'sm' } }),
    Kbd: Kbd.extend({ defaultProps: { size: 'xs' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false, events: { hover: true, focus: true, touch: false } } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } }),
    Popover: Popover.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } }),
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 80 }, overlayProps: { backgroundOpacity: 0.35 } } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
  },
});

/** The theme with words for the buttons that Mantine draws by itself. */
export function themeWith(words: { close: string; clear: string }): MantineThemeOverride {
  const clearButtonProps = { 'aria-label': words.clear };
  return mergeThemeOverrides(theme, {
    components: {
      Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': words.close } } }),
      Select: Select.extend({ defaultProps: { clearButtonProps } }),
      MultiSelect: MultiSelect.extend({ defaultProps: { clearButtonProps } }),
      TagsInput: TagsInput.extend({ defaultProps: { clearButtonProps } }),
    },
  });
}

function variablesOf(scheme: 'light' | 'dark'): Record<string, string> {
  const own = Object.entries(colors).map(([name, value]) => [`--hf-${name}`, value[scheme]]);
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    '--hf-shadow': shadows.floating[scheme],
    '--mantine-color-body': colors.canvas[scheme],
    '--mantine-color-text': colors.text[scheme],
    '--mantine-color-dimmed': colors.muted[scheme],
    '--mantine-color-placeholder': colors.faint[scheme],
    '--mantine-color-default': colors.raised[scheme],
    '--mantine-color-default-hover': colors.hover[scheme],
    '--mantine-color-default-color': colors.text[scheme],
    '--mantine-color-default-border': colors.line[scheme],
    '--mantine-color-error': colors.bad[scheme],
    '--mantine-color-anchor': colors.accent[scheme],
    '--mantine-shadow-md': shadows.floating[scheme],
  };
}

/** Makes the tokens CSS variables: `--hf-<colour>`, `--hf-space-<n>`, `--hf-type-<size>` and the lengths of the frame. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    ...(Object.fromEntries(Object.entries(space).map(([n, v]) => [`--hf-space-${n}`, v])) as Record<string, string>),
    ...(Object.fromEntries(Object.entries(type).map(([n, v]) => [`--hf-type-${n}`, v])) as Record<string, string>),
    '--hf-radius': radius,
    '--hf-motion': motion,
    '--hf-code': fontCode,
    '--hf-sidebar': layout.sidebar,
    '--hf-sidebar-folded': layout.sidebarFolded,
    '--hf-topbar': layout.topbar,
    '--hf-properties': layout.properties,
  },
  light: variablesOf('light'),
  dark: variablesOf('dark'),
});
