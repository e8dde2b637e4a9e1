"""Words too common in English to tell one document from another."""

STOP_WORDS = frozenset(
    """
    a about above across after again against ago all almost alone along already also although
    always am among an and another any anybody anyone anything anyway anywhere are aren arent
    around as at away back be became because become becomes been before began behind being below
    beside besides between beyond both but by came can cannot cant come comes could couldn couldnt
    d did didn didnt do does doesn doesnt doing don done dont down during each either else enough
    especially etc even ever every everybody everyone everything everywhere except far few for
    former found from further furthermore gave get gets getting give given gives go goes going
    gone got had hadn hadnt has hasn hasnt have haven havent having he hence her here hers herself
    him himself his how however i ie if im in indeed instead into is isn isnt it its itself ive
    just keep kept know known knows last least less let lets like likely ll made make makes making
    many may maybe me mean means meanwhile might mine more moreover most mostly much must mustn my
    myself namely near nearly need needs neither never nevertheless next no nobody none nor not
    nothing now nowhere of off often oh ok on once one only onto or other others otherwise ought
    our ours ourselves out over own per perhaps please put quite rather re really regarding s said
    same saw say says see seem seemed seems seen several shall shan she should shouldn shouldnt
    since so some somebody somehow someone something sometimes somewhere still such t take taken
    than that thats the their theirs them themselves then thence there therefore theres these they
    theyre thing things this those though through throughout thus to together too took toward
    towards tried tries truly try under unless until unto up upon us use used uses using usually
    ve very via want wants was wasn wasnt way we well went were weren werent weve what whatever
    whats when whenever where whereas wherever whether which whichever while who whoever whole
    whom whose why will with within without won wont would wouldn wouldnt yes yet you youll your
    youre yours yourself yourselves
    """.split()  # noqa: SIM905 a thousand quotation marks are no easier to read
)
