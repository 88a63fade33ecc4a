import type { Value } from '../trace/model.js'
import { memberOrigin } from '../trace/origin.js'
import { from, originsOf, truthOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { type Asking, problemsUnlessValid, throwsUnlessValid } from './validation.js'

/** `validate(object, options)`, or with the name of a schema before it. */
function asking({ args }: LibraryCall): Asking {
  const [value = UNKNOWN, options] = args[0]?.kind === 'literal' ? args.slice(1) : args
  return { library: 'class-validator', value, schema: undefined, isOpen: isOpen(options) }
}

/** What no decorator is on stays in the object, unless `whitelist` takes it out. */
function isOpen(options: Value | undefined): boolean | undefined {
  const whitelist = propertyOf(options, 'whitelist')
  if (whitelist !== undefined) return truthOf(whitelist) === undefined ? undefined : truthOf(whitelist) === false
  return options === undefined || options.kind === 'object' ? true : undefined
}

const throwing: Meaning = (call) => throwsUnlessValid(call, asking(call))
const telling: Meaning = (call) => problemsUnlessValid(call, asking(call))

export const classValidator: Library = {
  packages: ['class-validator'],
  calls: {
    'validate()': telling,
    'validateSync()': telling,
    'validateOrReject()': throwing,
    'Validator().validate()': telling,
    'Validator().validateOrReject()': throwing,
  },
}

/** `plainToInstance(Class, value)`: all that was sent is in the instance, unless only what is exposed is taken over. */
const becomes: Meaning = ({ args: [, value = UNKNOWN, options] }) =>
  truthOf(propertyOf(options, 'excludeExtraneousValues') ?? UNKNOWN) === true
    ? from(...originsOf(value).map((one) => memberOrigin(one, '#exposed')))
    : value

const transformsAndValidates: Meaning = (call) => {
  const [, value = UNKNOWN, options] = call.args
  const isOpenTo = options === undefined ? true : isOpen(propertyOf(options, 'validator'))
  return throwsUnlessValid(call, { library: 'class-validator', value, schema: undefined, isOpen: isOpenTo })
}

export const classTransformer: Library = {
  packages: ['class-transformer', 'class-transformer-validator'],
  calls: {
    'plainToInstance()': becomes,
    'plainToClass()': becomes,
    'instanceToPlain()': ({ args: [value = UNKNOWN] }) => value,
    'transformAndValidate()': transformsAndValidates,
    'transformAndValidateSync()': transformsAndValidates,
  },
}
