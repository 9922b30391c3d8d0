using System.Globalization;
using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>Short working programs, one for each language that can be asked for; named after what was asked.</summary>
internal static partial class CodeSamples
{
    public const string Default = "python";

    // What people write → the word after the fence.
    private static readonly (string Pattern, string Language)[] Names =
    [
        (@"c#|c sharp|csharp|\.net|dotnet", "csharp"), (@"c\+\+|cpp", "cpp"), ("typescript", "typescript"), ("javascript|node(?:\\.js)?|js", "javascript"),
        ("python", "python"), ("java", "java"), ("golang|in go|go code|go program", "go"), ("rust", "rust"), ("ruby", "ruby"), ("php", "php"),
        ("sql", "sql"), ("bash|shell", "bash"), ("html", "html"), ("css", "css"), ("kotlin", "kotlin"), ("swift", "swift"),
        ("yaml", "yaml"), ("json", "json"), ("in c", "c"),
    ];

    /// <summary>The language that a text names, as the word after a code fence; null when it names none.</summary>
    public static string? LanguageIn(string text)
    {
        foreach (var (pattern, language) in Names)
        {
            if (Regex.IsMatch(text, $@"(?<![\w#+])(?:{pattern})(?![\w#+])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))
                return language;
        }
        return null;
    }

    public static string DisplayName(string language) => language switch
    {
        "csharp" => "C#",
        "cpp" => "C++",
        "javascript" => "JavaScript",
        "typescript" => "TypeScript",
        "php" => "PHP",
        "sql" => "SQL",
        "html" => "HTML",
        "css" => "CSS",
        "yaml" => "YAML",
        "json" => "JSON",
        _ => char.ToUpperInvariant(language[0]) + language[1..],
    };

    /// <summary>A program in the language, its names made of the topic's words.</summary>
    public static string For(string language, Topic topic)
    {
        var words = Ascii(topic);
        var snake = string.Join('_', words);
        var pascal = string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return Sample(language)
            .Replace("NAME_SNAKE", snake).Replace("NAME_CAMEL", char.ToLowerInvariant(pascal[0]) + pascal[1..])
            .Replace("NAME_PASCAL", pascal).Replace("NAME_KEBAB", string.Join('-', words)).Replace("TOPIC", topic.Phrase);
    }

    private static List<string> Ascii(Topic topic)
    {
        var words = topic.Words
            .Select(word => NotLetter().Replace(word, "").ToLower(CultureInfo.InvariantCulture))
            .Where(word => word.Length > 1 && LanguageIn(word) is null).Take(2).ToList();
        return words.Count > 0 ? words : ["count", "words"];
    }

    private static string Sample(string language) => language switch
    {
        "csharp" => """
            /// <summary>A start on TOPIC: counts how often each word occurs.</summary>
            public static Dictionary<string, int> NAME_PASCAL(IEnumerable<string> lines) => lines
                .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .GroupBy(word => word.ToLowerInvariant())
                .ToDictionary(group => group.Key, group => group.Count());
            """,
        "javascript" => """
            // A start on TOPIC: counts how often each word occurs.
            export function NAME_CAMEL(lines) {
              const counts = new Map();
              for (const line of lines) {
                for (const word of line.toLowerCase().split(/\s+/).filter(Boolean)) {
                  counts.set(word, (counts.get(word) ?? 0) + 1);
                }
              }
              return counts;
            }
            """,
        "typescript" => """
            // A start on TOPIC: counts how often each word occurs.
            export function NAME_CAMEL(lines: string[]): Map<string, number> {
              const counts = new Map<string, number>();
              for (const word of lines.flatMap((line) => line.toLowerCase().split(/\s+/).filter(Boolean))) {
                counts.set(word, (counts.get(word) ?? 0) + 1);
              }
              return counts;
            }
            """,
        "java" => """
            /** A start on TOPIC: counts how often each word occurs. */
            static Map<String, Long> NAME_CAMEL(List<String> lines) {
                return lines.stream()
                    .flatMap(line -> Arrays.stream(line.toLowerCase().split("\\s+")))
                    .filter(word -> !word.isEmpty())
                    .collect(Collectors.groupingBy(word -> word, Collectors.counting()));
            }
            """,
        "go" => """
            // NAME_PASCAL is a start on TOPIC: it counts how often each word occurs.
            func NAME_PASCAL(lines []string) map[string]int {
            	counts := make(map[string]int)
            	for _, line := range lines {
            		for _, word := range strings.Fields(strings.ToLower(line)) {
            			counts[word]++
            		}
            	}
            	return counts
            }
            """,
        "rust" => """
            /// A start on TOPIC: counts how often each word occurs.
            fn NAME_SNAKE(lines: &[&str]) -> HashMap<String, usize> {
                let mut counts = HashMap::new();
                for word in lines.iter().flat_map(|line| line.split_whitespace()) {
                    *counts.entry(word.to_lowercase()).or_insert(0) += 1;
                }
                counts
            }
            """,
        "ruby" => """
            # A start on TOPIC: counts how often each word occurs.
            def NAME_SNAKE(lines)
              lines.flat_map { |line| line.downcase.split }.tally
            end
            """,
        "php" => """
            // A start on TOPIC: counts how often each word occurs.
            function NAME_SNAKE(array $lines): array {
                $words = preg_split('/\s+/', strtolower(implode(' ', $lines)), -1, PREG_SPLIT_NO_EMPTY);
                return array_count_values($words);
            }
            """,
        "sql" => """
            -- The ten most frequent entries of NAME_SNAKE, newest first where they tie.
            SELECT name, COUNT(*) AS times, MAX(created_at) AS last_seen
            FROM NAME_SNAKE
            WHERE created_at >= DATE('now', '-30 days')
            GROUP BY name
            ORDER BY times DESC, last_seen DESC
            LIMIT 10;
            """,
        "bash" => """
            #!/usr/bin/env bash
            # A start on TOPIC: counts how often each word occurs in the files given.
            set -euo pipefail
            cat -- "$@" | tr -s '[:space:]' '\n' | tr '[:upper:]' '[:lower:]' | sort | uniq -c | sort -rn | head -n 10
            """,
        "html" => """
            <section class="NAME_KEBAB">
              <h2>TOPIC</h2>
              <p>Three things worth knowing:</p>
              <ul>
                <li>It starts small.</li>
                <li>It grows when somebody cares.</li>
                <li>It ends when nobody looks.</li>
              </ul>
            </section>
            """,
        "css" => """
            .NAME_KEBAB {
              display: grid;
              grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr));
              gap: 1rem;
              padding: 1rem;
              border: 1px solid color-mix(in oklch, currentColor 20%, transparent);
            }
            """,
        "kotlin" => """
            /** A start on TOPIC: counts how often each word occurs. */
            fun NAME_CAMEL(lines: List<String>): Map<String, Int> =
                lines.flatMap { it.lowercase().split(Regex("\\s+")) }
                    .filter { it.isNotEmpty() }
                    .groupingBy { it }
                    .eachCount()
            """,
        "swift" => """
            /// A start on TOPIC: counts how often each word occurs.
            func NAME_CAMEL(_ lines: [String]) -> [String: Int] {
                lines.flatMap { $0.lowercased().split(separator: " ") }
                    .reduce(into: [:]) { counts, word in counts[String(word), default: 0] += 1 }
            }
            """,
        "yaml" => """
            NAME_KEBAB:
              enabled: true
              description: TOPIC
              steps:
                - name: gather
                  timeout: 30s
                - name: check
                  timeout: 5s
            """,
        "json" => """
            {
              "name": "NAME_KEBAB",
              "enabled": true,
              "steps": [
                { "name": "gather", "timeoutSeconds": 30 },
                { "name": "check", "timeoutSeconds": 5 }
              ]
            }
            """,
        "c" or "cpp" => """
            #include <ctype.h>
            #include <stddef.h>

            /* A start on TOPIC: counts the words of a text. */
            size_t NAME_SNAKE(const char *text) {
                size_t words = 0;
                int inside = 0;
                for (; *text; text++) {
                    if (isspace((unsigned char)*text)) inside = 0;
                    else if (!inside) { inside = 1; words++; }
                }
                return words;
            }
            """,
        _ => """
            from collections import Counter


            def NAME_SNAKE(lines: list[str]) -> Counter[str]:
                # A start on TOPIC: counts how often each word occurs.
                return Counter(word.lower() for line in lines for word in line.split())


            if __name__ == "__main__":
                print(NAME_SNAKE(["one two", "two three"]).most_common(2))
            """,
    };

    [GeneratedRegex("[^A-Za-z]")]
    private static partial Regex NotLetter();
}
