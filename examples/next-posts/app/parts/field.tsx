interface FieldProps {
  readonly name: string
  readonly label: string
  readonly hint?: string
  /** What is wrong with what was sent. */
  readonly errors?: readonly string[] | undefined
  readonly type?: 'text' | 'email' | 'password' | 'area'
  readonly value?: string | undefined
  readonly autoComplete?: string
  /** Where reading begins again after a refusal, without JavaScript too. */
  readonly isFirstWrong?: boolean
  readonly isOptional?: boolean
}

/** A label, its control and what is wrong with it, tied together for who sees them and for who hears them. */
export function Field({
  name,
  label,
  hint,
  errors,
  type = 'text',
  value,
  isFirstWrong = false,
  isOptional = false,
  autoComplete,
}: FieldProps) {
  const isWrong = errors !== undefined && errors.length > 0
  const described = [...(hint === undefined ? [] : [`${name}-hint`]), ...(isWrong ? [`${name}-error`] : [])].join(' ')
  const control = {
    id: name,
    name,
    defaultValue: value,
    'aria-invalid': isWrong,
    ...(described === '' ? {} : { 'aria-describedby': described }),
    autoFocus: isFirstWrong,
    required: !isOptional,
    ...(autoComplete === undefined ? {} : { autoComplete }),
  }
  return (
    <div className="field">
      <label htmlFor={name}>
        {label}
        {isOptional && <span className="muted"> (may stay empty)</span>}
      </label>
      {hint !== undefined && (
        <p className="muted" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {type === 'area' ? <textarea {...control} /> : <input type={type} {...control} />}
      {isWrong && (
        <p className="wrong" id={`${name}-error`}>
          {errors.join('. ')}
        </p>
      )}
    </div>
  )
}
