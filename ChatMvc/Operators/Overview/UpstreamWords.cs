using ChatMvc.Completions;

namespace ChatMvc.Operators.Overview;

/// <summary>An upstream's faults in words for operators.</summary>
public static class UpstreamWords
{
    public static string Of(AnswerFailure failure) => failure switch
    {
        AnswerFailure.KeyRefused => "The key was refused",
        AnswerFailure.QuotaUsed => "The account is used up",
        AnswerFailure.Busy => "Asked too much",
        AnswerFailure.UpstreamError => "The upstream failed",
        AnswerFailure.Unreachable => "It could not be reached",
        AnswerFailure.Silent => "No answer in time",
        AnswerFailure.BrokenOff => "The connection broke off",
        AnswerFailure.TooLong => "Answered for too long",
        AnswerFailure.Refused => "It declined to answer",
        AnswerFailure.Empty => "It answered nothing",
        AnswerFailure.PromptTooLong => "The prompt was too long",
        AnswerFailure.ModelMissing => "The model is not there",
        AnswerFailure.RequestRefused => "The request was refused",
        _ => "A fault of our own",
    };
}
