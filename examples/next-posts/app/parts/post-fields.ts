import type { Post } from '../../types.ts'
import type { FieldSpec } from './action-form.tsx'

export function postFields(post?: Pick<Post, 'title' | 'body'>): readonly FieldSpec[] {
  return [
    { name: 'title', label: 'Title', ...(post === undefined ? {} : { value: post.title }) },
    { name: 'body', label: 'Text', type: 'area', ...(post === undefined ? {} : { value: post.body }) },
  ]
}
