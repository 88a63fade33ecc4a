import type { Value } from './model.js'
import type { Here } from './here.js'
import type { Expression, JSXChild, JSXElement, JSXFragment } from 'oxc-parser'
import { callValue } from './call.js'
import { object, UNKNOWN } from './value.js'
import type { Walker } from './walker.js'

/** An element: what stands in it is looked at, and a component of the tree that is a function of the server is called. */
export function evaluateJsx(walker: Walker, node: JSXElement | JSXFragment, here: Here): Value {
  if (node.type === 'JSXElement') {
    const props: Record<string, Value> = {}
    for (const attribute of node.openingElement.attributes) {
      if (attribute.type === 'JSXSpreadAttribute') walker.evaluate(attribute.argument, here)
      else if (
        attribute.value?.type === 'JSXExpressionContainer' &&
        attribute.value.expression.type !== 'JSXEmptyExpression'
      )
        props[String(attribute.name.name)] = walker.evaluate(attribute.value.expression as Expression, here)
    }
    const { name } = node.openingElement
    if (name.type === 'JSXIdentifier' && /^[A-Z]/.test(name.name)) render(walker, name.name, object(props), node, here)
  }
  for (const child of node.children) evaluateChild(walker, child, here)
  return UNKNOWN
}

/** An async component reads what it shows. Others are of the client, or read nothing. */
function render(walker: Walker, name: string, props: Value, node: JSXElement, here: Here): void {
  const cell = here.scope.find(name)
  const component = cell === undefined ? undefined : walker.state.get(cell)
  if (component?.kind !== 'function' || !component.node.async) return
  const { state } = walker
  callValue(walker, component, [props], { spot: { file: here.module.file, node } })
  walker.state = state
}

function evaluateChild(walker: Walker, child: JSXChild, here: Here): void {
  if (child.type === 'JSXElement' || child.type === 'JSXFragment') evaluateJsx(walker, child, here)
  else if (child.type === 'JSXExpressionContainer' && child.expression.type !== 'JSXEmptyExpression')
    walker.evaluate(child.expression as Expression, here)
}
