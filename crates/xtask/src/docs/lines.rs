//! The command lines in a text: whole blocks of shell, spans of code in a sentence, and the examples of a help.

/// Something for a shell, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snippet {
    pub(super) place: String,
    pub(super) text: String,
}

/// A span of code that begins with one of these, and goes on, is a command line.
const PROGRAMS: [&str; 11] = [
    "az",
    "azd",
    "bash",
    "cargo",
    "curl",
    "dig",
    "docker",
    "echo",
    "heartbeat-dns",
    "infra/deploy.sh",
    "kubectl",
];

/// Blocks of shell and spans of code in a Markdown document, in the order in which they stand there.
pub(super) fn of_markdown(name: &str, text: &str) -> Vec<Snippet> {
    let mut snippets = Vec::new();
    let mut block: Option<(bool, usize, String)> = None;
    let mut prose = Prose::default();
    for (number, line) in (1..).zip(text.lines()) {
        let bare = line.trim_start();
        match &mut block {
            Some((is_shell, first, inside)) if bare.starts_with("```") => {
                if *is_shell {
                    snippets.push(Snippet { place: format!("{name}:{first}"), text: std::mem::take(inside) });
                }
                block = None;
            }
            Some((_, _, inside)) => {
                inside.push_str(line);
                inside.push('\n');
            }
            None if bare.starts_with("```") => {
                snippets.extend(prose.commands(name));
                block = Some((matches!(bare, "```sh" | "```bash"), number + 1, String::new()));
            }
            None if bare.is_empty() => snippets.extend(prose.commands(name)),
            None => prose.add(number, bare),
        }
    }
    snippets.extend(prose.commands(name));
    snippets
}

/// A paragraph: a span of code may begin in one of its lines and end in the next.
#[derive(Default)]
struct Prose {
    first: usize,
    text: String,
}

impl Prose {
    fn add(&mut self, number: usize, line: &str) {
        if self.text.is_empty() {
            self.first = number;
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The command lines in it; after that it is empty.
    fn commands(&mut self, name: &str) -> Vec<Snippet> {
        let Self { first, text } = std::mem::take(self);
        let mut number = first;
        let mut snippets = Vec::new();
        for (place, part) in text.split('`').enumerate() {
            // A bar in a cell of a table is written with a backslash.
            let span = part.replace('\n', " ").replace("\\|", "|");
            if place % 2 == 1 && is_command(&span) {
                snippets.push(Snippet { place: format!("{name}:{number}"), text: span });
            }
            number += part.matches('\n').count();
        }
        snippets
    }
}

/// The lines of a help that begin with a program, without what is said of them behind three blanks.
pub(super) fn of_help(name: &str, text: &str) -> Vec<Snippet> {
    let examples = text.lines().filter_map(|line| line.strip_prefix("  "));
    let commands = examples.filter(|line| is_command(line));
    commands
        .map(|line| line.split("   ").next().unwrap_or(line))
        .map(|line| Snippet { place: name.to_owned(), text: line.to_owned() })
        .collect()
}

/// Whether a text is a program's name with arguments, perhaps behind assignments.
fn is_command(text: &str) -> bool {
    let mut words = text.split(' ').skip_while(|word| is_assignment(word));
    let is_program = words.next().is_some_and(|word| PROGRAMS.contains(&word));
    let has_more = words.next().is_some() || text.starts_with(|c: char| c.is_ascii_uppercase());
    is_program && has_more
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(snippets: &[Snippet]) -> Vec<(&str, &str)> {
        snippets.iter().map(|snippet| (snippet.place.as_str(), snippet.text.as_str())).collect()
    }

    #[test]
    fn blocks_of_shell_and_spans_with_arguments_are_found() {
        let text = "# Page\n\n`az` and `az login`, `heartbeat-dns` alone.\n\n```sh\nazd up\n```\n\n\
                    ```json\naz no\n```\n\n| `MODE=apply infra/deploy.sh` | `echo x \\| heartbeat-dns query -` |\n";
        assert_eq!(
            texts(&of_markdown("p.md", text)),
            [
                ("p.md:3", "az login"),
                ("p.md:6", "azd up\n"),
                ("p.md:13", "MODE=apply infra/deploy.sh"),
                ("p.md:13", "echo x | heartbeat-dns query -"),
            ]
        );
    }

    #[test]
    fn a_span_may_go_on_in_the_next_line() {
        let text = "- Say `az role\n  definition delete` or\n  `az login`.\n";
        assert_eq!(
            texts(&of_markdown("p.md", text)),
            [("p.md:1", "az role definition delete"), ("p.md:3", "az login")]
        );
    }

    #[test]
    fn a_block_in_a_list_is_found() {
        let text = "1. Look.\n\n   ```sh\n   dig x\n   ```\n";
        assert_eq!(texts(&of_markdown("p.md", text)), [("p.md:4", "   dig x\n")]);
    }

    #[test]
    fn examples_of_a_help_are_cut_before_what_is_said_of_them() {
        let text = "Usage: x\n\n  serve    Serve\n\nExamples:\n  heartbeat-dns plan     all of it\n      said of it\n  \
                    MODE=observe heartbeat-dns watch -o json\n";
        assert_eq!(
            texts(&of_help("x --help", text)),
            [("x --help", "heartbeat-dns plan"), ("x --help", "MODE=observe heartbeat-dns watch -o json")]
        );
    }
}
