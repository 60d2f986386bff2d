// Which operators work element by element, with broadcasting.

import type { Value } from '../graph.ts'

const names =
  'Add Sub Mul Div Max Min Pow Mod Abs Neg Sign Floor Ceil Round Exp Log Sqrt Reciprocal Sin Cos Tan Asin Acos Atan ' +
  'Sinh Cosh Tanh Asinh Acosh Atanh Erf Sigmoid Softplus Relu LeakyRelu Elu Selu Clip IsNaN IsInf Equal Greater ' +
  'GreaterOrEqual Less LessOrEqual And Or Xor Not Where Cast'
const operators = new Set(names.split(' '))

export const isElementwise = ({ op }: Value): boolean => operators.has(op)
