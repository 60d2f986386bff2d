// Writes graph values as an ONNX model: protobuf by protobufjs, with the part of the official schema that is used.

import protobuf from 'protobufjs'
import { sizeOf } from '../engine.ts'
import { type Attribute, isLeaf, type Value, type ValueType } from './graph.ts'

/** Version 17 (ONNX 1.12, 2022) has every operator that is used; runtimes read all older versions. */
const opset = 17
const irVersion = 8

// From onnx.proto3 (github.com/onnx/onnx): same names, same numbers.
const schema = protobuf.parse(
  `syntax = "proto3";
  message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated int64 ints = 8; int32 type = 20; }
  message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated AttributeProto attribute = 5; }
  message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  message TensorShapeProto { repeated Dimension dim = 1; }
  message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
  message TypeProto { TensorTypeProto tensor_type = 1; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message GraphProto { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message StringStringEntryProto { string key = 1; string value = 2; }
  message ModelProto { int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14; }`,
  { keepCase: true },
).root
const ModelProto = schema.lookupType('ModelProto')

const elementTypes: Record<ValueType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 }
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 }

/** Attributes that ONNX takes as further int64 inputs, in this order. */
const inputAttributes: Record<string, readonly string[]> = {
  Reshape: ['shape'],
  Expand: ['shape'],
  Tile: ['repeats'],
  Slice: ['starts', 'ends', 'axes', 'steps'],
  Pad: ['pads'],
  ReduceSum: ['axes'],
  CumSum: ['axis'],
}

/** Attributes that are floats even where they are whole numbers. */
const floatAttributes = new Set(['alpha', 'beta', 'gamma'])

/** What a model is made of. */
export type ModelParts = {
  readonly name: string
  /** What is fed, by name. */
  readonly inputs: ReadonlyMap<string, Value>
  /** What comes out, by name. */
  readonly outputs: ReadonlyMap<string, Value>
  /** The operators, in an order in which they can be computed. */
  readonly nodes: readonly Value[]
  /** Inputs of the graph that the model carries as constants. */
  readonly initializers?: ReadonlyMap<Value, Float32Array>
  readonly metadata?: Readonly<Record<string, string>>
}

/** The bytes of an .onnx file. */
export function encodeModel({ name, inputs, outputs, nodes, initializers = new Map(), metadata = {} }: ModelParts) {
  const names = new Map<Value, string>()
  for (const [key, value] of inputs) names.set(value, key)
  for (const [key, value] of outputs) if (!isLeaf(value) && !names.has(value)) names.set(value, key)
  const nameOf = (value: Value) => names.get(value) ?? `v${value.id}`

  const aliases = [...outputs].filter(([key, value]) => nameOf(value) !== key)
  const used = new Set([...nodes.flatMap((value) => value.inputs), ...aliases.map(([, value]) => value)])
  const constants = [...used].filter(({ op }) => op === 'Constant')
  const initializer = [
    ...constants.map((value) => tensorProto(nameOf(value), value.shape, value.dtype, value.data!)),
    ...[...initializers].map(([value, data]) => tensorProto(nameOf(value), value.shape, value.dtype, data)),
  ]
  const node = nodes.map((value) => nodeProto(value, nameOf, initializer))
  for (const [key, value] of aliases) node.push({ op_type: 'Identity', input: [nameOf(value)], output: [key] })
  const graph = {
    name,
    node,
    initializer,
    input: [...inputs].map(([key, value]) => valueInfo(key, value)),
    output: [...outputs].map(([key, value]) => valueInfo(key, value)),
  }
  return ModelProto.encode({
    ir_version: irVersion,
    producer_name: 'saccade',
    opset_import: [{ domain: '', version: opset }],
    graph,
    metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  }).finish()
}

function nodeProto(value: Value, nameOf: (value: Value) => string, initializer: object[]): object {
  const { op, attributes } = value
  const input = value.inputs.map(nameOf)
  const asInputs = inputAttributes[op] ?? []
  const extra = asInputs.filter((name) => attributes[name] !== undefined)
  for (const name of extra) {
    const key = `${nameOf(value)}_${name}`
    const numbers = attributes[name] as number | readonly number[]
    const list = typeof numbers === 'number' ? [numbers] : numbers
    initializer.push(tensorProto(key, typeof numbers === 'number' ? [] : [list.length], 'int64', list))
    // Pad takes its constant value, an operand in the graph, after the widths.
    if (op === 'Pad') input.splice(1, 0, key)
    else input.push(key)
  }
  const attribute = Object.entries(attributes)
    .filter(([name]) => !asInputs.includes(name))
    .map(([name, it]) => attributeProto(name, it))
  if (op === 'Cast') attribute.push(attributeProto('to', elementTypes[value.dtype]))
  if (op === 'Reshape') attribute.push(attributeProto('allowzero', 1))
  return { op_type: op, input, output: [nameOf(value)], attribute }
}

function attributeProto(name: string, value: Attribute): object {
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: attributeTypes.string }
  if (typeof value !== 'number') return { name, ints: value, type: attributeTypes.ints }
  if (floatAttributes.has(name)) return { name, f: value, type: attributeTypes.float }
  return { name, i: value, type: attributeTypes.int }
}

function tensorProto(
  name: string,
  dims: readonly number[],
  dtype: ValueType,
  data: ArrayLike<number> | number,
): object {
  return { name, dims, data_type: elementTypes[dtype], raw_data: bytesOf(dtype, sizeOf(dims), data) }
}

function bytesOf(dtype: ValueType, size: number, data: ArrayLike<number> | number): Uint8Array {
  const elements = typeof data === 'number' ? Array<number>(size).fill(data) : Array.from(data)
  const array = {
    float32: () => Float32Array.from(elements),
    float64: () => Float64Array.from(elements),
    int32: () => Int32Array.from(elements),
    int64: () => BigInt64Array.from(elements.map(BigInt)),
    bool: () => Uint8Array.from(elements),
  }[dtype]()
  return new Uint8Array(array.buffer)
}

function valueInfo(name: string, { dtype, shape }: Value): object {
  const dim = shape.map((dim_value) => ({ dim_value }))
  return { name, type: { tensor_type: { elem_type: elementTypes[dtype], shape: { dim } } } }
}
