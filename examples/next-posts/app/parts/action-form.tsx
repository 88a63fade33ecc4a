'use client'

import { type ReactNode, useActionState, useEffect, useRef } from 'react'
import { Field } from './field.tsx'
import type { FormAction } from './form-state.ts'
import { Submit } from './submit.tsx'

/** One control of a form. */
export interface FieldSpec {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly type?: 'text' | 'email' | 'password' | 'area'
  readonly value?: string
  readonly autoComplete?: string
  readonly isOptional?: boolean
}

interface ActionFormProps {
  readonly action: FormAction
  readonly fields: readonly FieldSpec[]
  readonly submit: string
  readonly pending: string
  readonly isDangerous?: boolean
  /** What goes along unseen: the id of the row. The server asks whose it is. */
  readonly hidden?: Readonly<Record<string, string>>
  readonly children?: ReactNode
}

/**
 * A form of a server action. Before JavaScript is there, or where it never comes, the browser posts it and the whole page is the
 * answer, with the same errors beside the same fields.
 */
export function ActionForm({
  action,
  fields,
  submit,
  pending,
  isDangerous = false,
  hidden = {},
  children,
}: ActionFormProps) {
  const [state, send] = useActionState(action, null)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector)
    if (state !== null) (find('[aria-invalid="true"]') ?? find('[role="alert"]'))?.focus()
  }, [state])
  const errors = state?.error.fieldErrors ?? {}
  const firstWrong = fields.find(({ name }) => errors[name] !== undefined)
  return (
    // The browser's own bubbles say less than the server does, and nothing to a screen reader once they are gone.
    <form action={send} ref={form} className="stack" noValidate>
      {state !== null && (
        <p className="alert" role="alert" tabIndex={-1}>
          {state.error.fieldErrors === undefined ? state.error.message : 'Some of it needs another look'}
        </p>
      )}
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {fields.map((field) => (
        <Field
          key={field.name}
          {...field}
          value={state?.values[field.name] ?? field.value}
          errors={errors[field.name]}
          isFirstWrong={field === firstWrong}
        />
      ))}
      <Submit pending={pending} {...(isDangerous ? { className: 'danger' } : {})}>
        {submit}
      </Submit>
      {children}
    </form>
  )
}
