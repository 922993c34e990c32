//! An OCI seccomp profile as data, and as the JSON that container runtimes read (OCI runtime specification 1.2,
//! config-linux, "Seccomp").

use serde_json::{Map, Value as Json, json};
use trapline_lang::syscall::Abi;

/// What is let through, and what happens to the rest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Profile {
    /// For calls that no rule is about.
    pub(super) default_action: Action,
    /// Whose calls are judged; those of others are refused. Empty: only the machine's own.
    pub(super) architectures: Vec<Architecture>,
    /// In the order of the file.
    pub(super) rules: Vec<Rule>,
}

/// What happens to some calls.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) names: Vec<String>,
    pub(super) action: Action,
    /// All of them must hold.
    pub(super) args: Vec<Condition>,
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    /// Which, from 0.
    pub(super) index: u8,
    /// What it is compared with; with [`Operator::MaskedEqual`], the mask.
    pub(super) value: u64,
    /// With [`Operator::MaskedEqual`], what it is compared with.
    pub(super) value_two: u64,
    pub(super) operator: Operator,
}

/// An enum with the names that profiles have for it.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $name { $($variant,)* }

        impl $name {
            /// All, with their names.
            pub(super) const ALL: &[(Self, &str)] = &[$((Self::$variant, $text),)*];

            /// As profiles call it.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

named! {
    /// What happens to a call.
    Action {
        Allow = "SCMP_ACT_ALLOW",
        Log = "SCMP_ACT_LOG",
        Errno = "SCMP_ACT_ERRNO",
        Kill = "SCMP_ACT_KILL",
        KillThread = "SCMP_ACT_KILL_THREAD",
        KillProcess = "SCMP_ACT_KILL_PROCESS",
        Trap = "SCMP_ACT_TRAP",
        Trace = "SCMP_ACT_TRACE",
        Notify = "SCMP_ACT_NOTIFY",
    }
}

named! {
    /// How an argument is compared, as unsigned numbers of 64 bits.
    Operator {
        NotEqual = "SCMP_CMP_NE",
        Less = "SCMP_CMP_LT",
        LessOrEqual = "SCMP_CMP_LE",
        Equal = "SCMP_CMP_EQ",
        GreaterOrEqual = "SCMP_CMP_GE",
        Greater = "SCMP_CMP_GT",
        MaskedEqual = "SCMP_CMP_MASKED_EQ",
    }
}

named! {
    /// Whose numbers and registers a call has. Those that this program does not run on are known by name only.
    Architecture {
        X86_64 = "SCMP_ARCH_X86_64",
        X86 = "SCMP_ARCH_X86",
        X32 = "SCMP_ARCH_X32",
        Aarch64 = "SCMP_ARCH_AARCH64",
        Arm = "SCMP_ARCH_ARM",
        Mips = "SCMP_ARCH_MIPS",
        Mips64 = "SCMP_ARCH_MIPS64",
        Mips64N32 = "SCMP_ARCH_MIPS64N32",
        Mipsel = "SCMP_ARCH_MIPSEL",
        Mipsel64 = "SCMP_ARCH_MIPSEL64",
        Mipsel64N32 = "SCMP_ARCH_MIPSEL64N32",
        Ppc = "SCMP_ARCH_PPC",
        Ppc64 = "SCMP_ARCH_PPC64",
        Ppc64le = "SCMP_ARCH_PPC64LE",
        S390 = "SCMP_ARCH_S390",
        S390x = "SCMP_ARCH_S390X",
        Parisc = "SCMP_ARCH_PARISC",
        Parisc64 = "SCMP_ARCH_PARISC64",
        Riscv64 = "SCMP_ARCH_RISCV64",
        Loongarch64 = "SCMP_ARCH_LOONGARCH64",
        M68k = "SCMP_ARCH_M68K",
        Sh = "SCMP_ARCH_SH",
        Sheb = "SCMP_ARCH_SHEB",
    }
}

impl Action {
    /// The call is made.
    pub(super) fn lets_through(self) -> bool {
        matches!(self, Self::Allow | Self::Log)
    }
}

impl Architecture {
    /// The one of an ABI.
    pub(super) fn of(abi: Abi) -> Self {
        match abi {
            Abi::X86_64 => Self::X86_64,
            Abi::I386 => Self::X86,
            Abi::X32 => Self::X32,
            Abi::Aarch64 => Self::Aarch64,
            Abi::Arm => Self::Arm,
        }
    }
}

impl Profile {
    /// The text of a profile file.
    pub(super) fn to_json(&self) -> String {
        let architectures: Vec<_> = self.architectures.iter().map(|arch| arch.name()).collect();
        let rules: Vec<_> = self.rules.iter().map(Rule::to_json).collect();
        let profile = json!({
            "defaultAction": self.default_action.name(),
            "architectures": architectures,
            "syscalls": rules,
        });
        format!("{profile:#}\n")
    }
}

impl Rule {
    fn to_json(&self) -> Json {
        let mut object = Map::new();
        object.insert("names".into(), json!(self.names));
        object.insert("action".into(), json!(self.action.name()));
        if !self.args.is_empty() {
            let args: Vec<_> = self
                .args
                .iter()
                .map(|condition| condition.to_json())
                .collect();
            object.insert("args".into(), json!(args));
        }
        Json::Object(object)
    }
}

impl Condition {
    fn to_json(self) -> Json {
        let mut object = Map::new();
        object.insert("index".into(), json!(self.index));
        object.insert("value".into(), json!(self.value));
        if self.operator == Operator::MaskedEqual {
            object.insert("valueTwo".into(), json!(self.value_two));
        }
        object.insert("op".into(), json!(self.operator.name()));
        Json::Object(object)
    }
}
