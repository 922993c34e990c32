//! What the analyzer complains about, as data. The sentences are in [`super::super::message_analysis`].

use crate::types::Type;

/// What is wrong with a script that could be read.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are what the sentence of the variant names"
)]
pub enum AnalysisKind {
    /// No probe in the script.
    EmptyScript,

    // Attach points.
    /// A provider that does not exist.
    UnknownProvider {
        name: String,
    },
    /// Too few or too many parts.
    AttachPointForm {
        provider: &'static str,
        forms: &'static [&'static str],
    },
    /// Nothing matches.
    NoMatch {
        provider: &'static str,
        pattern: String,
    },
    /// All attach points of a probe are missing.
    NoAttachPoints,
    /// No program or library of that name.
    NoProgram {
        provider: &'static str,
        name: String,
        reason: String,
    },
    /// A symbol that nothing has.
    UnknownSymbol {
        what: &'static str,
        name: String,
    },
    /// A timer with a rate that is not a positive number.
    BadRate {
        provider: &'static str,
        text: String,
    },
    /// A timer with an unknown unit.
    BadUnit {
        provider: &'static str,
        unit: String,
    },
    /// `[` without `]`.
    BadPattern {
        pattern: String,
    },
    /// More attach points than the limit.
    TooManyProbes {
        count: usize,
        limit: u32,
    },

    // Names.
    UnknownFunction {
        name: String,
    },
    UnknownIdentifier {
        name: String,
    },
    UndefinedVariable {
        name: String,
    },
    UndefinedMap {
        name: String,
    },
    ShadowedVariable {
        name: String,
    },
    UnknownType {
        name: String,
    },
    /// A builtin that this provider's probes do not have.
    BuiltinNotOffered {
        name: &'static str,
        provider: &'static str,
    },
    /// What a system call gives back, where the probe fires before it does.
    NoResult {
        name: &'static str,
    },
    /// `args` of a system call, elsewhere than in `print()`.
    WholeCall,
    /// Calls of other ABIs lack a field that the native call of that name has.
    CallsLeftOut {
        field: String,
        calls: Vec<String>,
    },
    /// A call that programs make without the kernel.
    VdsoCall {
        name: String,
    },
    /// A name that no number of the set has.
    UnknownName {
        ty: Type,
        name: String,
    },
    /// An event has no such field.
    UnknownField {
        event: String,
        field: String,
    },
    /// Some events of a wildcard have no such field.
    FieldMissingInSome {
        field: String,
        missing: usize,
        total: usize,
        examples: Vec<String>,
    },
    /// A record or struct has no such member.
    UnknownMember {
        ty: Type,
        member: String,
    },
    /// Two macros, or two parameters, of one name.
    Duplicate {
        what: &'static str,
        name: String,
    },

    // Calls.
    TooFewArguments {
        function: String,
        required: usize,
        given: usize,
    },
    TooManyArguments {
        function: String,
        most: usize,
        given: usize,
    },
    /// An argument of the wrong type; `expected` is what a sentence calls it.
    ArgumentType {
        function: &'static str,
        index: usize,
        expected: &'static str,
        found: String,
    },
    /// A constant out of its range.
    ArgumentRange {
        function: &'static str,
        what: &'static str,
        found: String,
        range: String,
    },
    UnsafeFunction {
        function: &'static str,
    },
    /// `count()` and its kin anywhere but as `@m = count()`.
    MisplacedAggregation {
        function: &'static str,
    },
    /// Text that is no internet address.
    BadAddress {
        /// What was given.
        text: String,
    },
    /// `fail()`, or a `static_assert()` that does not hold.
    Failed {
        /// What the script says.
        message: String,
    },
    /// A condition that must be a constant.
    NotConstant {
        /// Of which function.
        function: &'static str,
    },
    /// A builtin or function without a value where one is wanted.
    NoValue {
        what: String,
    },
    BuiltinArgument {
        builtin: &'static str,
        expected: &'static str,
    },
    CgroupNotFound {
        path: String,
    },
    NoChild,

    // Formats.
    BadFormat {
        reason: String,
    },
    FormatTooFew {
        function: &'static str,
        given: usize,
        expected: usize,
    },
    FormatTooMany {
        function: &'static str,
        given: usize,
        expected: usize,
    },
    FormatType {
        function: &'static str,
        specifier: char,
        expected: &'static str,
        found: Type,
    },

    // Types.
    /// Operands that do not go together.
    OperandTypes {
        operator: &'static str,
        left: Type,
        right: Type,
    },
    /// An operand on which the operator has no meaning.
    OperandType {
        operator: &'static str,
        found: Type,
    },
    /// Signed and unsigned 64-bit operands.
    MixedSigns {
        comparison: bool,
        left: Type,
        right: Type,
    },
    /// A shift by a constant outside of 0..64.
    ShiftAmount {
        operator: &'static str,
        bits: i64,
    },
    Condition {
        context: &'static str,
        found: Type,
    },
    VariableType {
        name: String,
        has: Type,
        given: Type,
    },
    MapValueType {
        name: String,
        has: Type,
        given: Type,
    },
    MapKeyType {
        name: String,
        has: Vec<Type>,
        given: Vec<Type>,
    },
    /// `comptime` before something that depends on the event.
    NotComptime,
    /// `&` before something that lies nowhere in memory.
    NoAddress,
    /// `container_of` and `offsetof` of something without members.
    NoMembers {
        /// The type.
        found: Type,
    },
    /// Used with a key and without one.
    MapKeyPresence {
        name: String,
        keyed_first: bool,
    },
    CannotCast {
        from: Type,
        to: Type,
    },
    CannotStore {
        found: Type,
        place: &'static str,
    },
    /// `hist`, `lhist` and `stats` are no integers.
    NotAnInteger {
        name: String,
        found: Type,
    },
    NotATuple {
        found: Type,
    },
    TupleIndex {
        index: u64,
        length: usize,
    },
    ArrayIndex {
        index: i128,
        length: u32,
    },
    NotIndexable {
        found: Type,
    },
    NotAMap,
    BranchTypes {
        left: Type,
        right: Type,
    },
    DivisionByZero {
        remainder: bool,
    },
    LiteralTooLarge {
        value: String,
        ty: Type,
    },

    // Statements.
    NotAssignable,
    OutsideLoop {
        word: &'static str,
    },
    UnrollCount {
        found: Option<i128>,
    },
    ReturnValue,
    ReturnOfVoid,
    ReturnType {
        has: Type,
        given: Type,
    },
    NotAllReturn {
        name: String,
    },
    SubprogramRecursion {
        name: String,
    },
    /// A named parameter of the command line that is not what `getopt` wants.
    ParameterValue {
        name: String,
        given: String,
        expected: &'static str,
    },
    LoopVariableMap {
        name: String,
    },
    UnusedValue,
    Unreachable {
        after: &'static str,
    },

    // Options and declarations.
    UnknownOption {
        name: String,
    },
    RenamedOption {
        old: String,
        new: &'static str,
    },
    OptionValue {
        name: String,
        expected: String,
    },
    UnknownMapKind {
        name: String,
    },
    MapEntries,
    MapKindUse {
        kind: String,
        aggregation: bool,
    },
    MapDeclaredTwice {
        name: String,
    },
    MapNeverUsed {
        name: String,
    },

    // Imports.
    Import {
        path: String,
        reason: String,
    },

    // Macros.
    MacroArguments {
        name: String,
        expected: usize,
        given: usize,
    },
    MacroArgumentKind {
        name: String,
        parameter: String,
        expected: &'static str,
    },
    MacroRecursion {
        name: String,
    },
    /// Macros that call macros make too large a script.
    MacroSize,
}
