import { Button, type ButtonProps } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useText } from '@/state/language';
import classes from './ConfirmButton.module.css';

interface ConfirmButtonProps {
  label: string;
  /** says what is lost */
  sentence: string;
  /** on the button that does it; the label where left out */
  confirm?: string;
  onConfirm: () => void;
  /** what it is about, for those who only hear it */
  about?: string;
  danger?: boolean;
  variant?: ButtonProps['variant'];
  size?: ButtonProps['size'];
  disabled?: boolean;
}

/** A button that asks in its own place before it does something. Escape goes back. */
export function ConfirmButton({ label, sentence, confirm = label, onConfirm, about, danger = false, variant = 'default', size = 'xs', disabled = false }: ConfirmButtonProps) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) first.current?.focus();
    asked.current = asking || asked.current;
  }, [asking]);
  const spoken = (words: string) => (about === undefined ? {} : { 'aria-label': `${words}: ${about}` });
  if (!asking) {
    return <Button ref={first} size={size ?? 'xs'} variant={variant} {...(variant === 'subtle' ? { color: 'gray' } : {})} disabled={disabled} onClick={() => { asked.current = true; setAsking(true); }} {...spoken(label)}>{label}</Button>;
  }
  const leave = () => { setAsking(false); };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  return (
    // Escape comes from the buttons inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div role="group" aria-label={sentence} className={classes.ask} onKeyDown={onKeyDown}>
      <span>{sentence}</span>
      <Button ref={first} size={size ?? 'xs'} {...(danger ? { color: 'red' } : {})} onClick={() => { leave(); onConfirm(); }} {...spoken(confirm)}>{confirm}</Button>
      <Button size={size ?? 'xs'} variant="subtle" color="gray" onClick={leave}>{t.common.cancel}</Button>
    </div>
  );
}
